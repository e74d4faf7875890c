use std::sync::Arc;

use futures::StreamExt as _;
use greeter::controller::{Context, error_policy, reconcile};
use greeter::types::Greeting;
use kube::runtime::{Controller, watcher};
use kube::{Api, Client};

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let client = Client::try_default().await?;
    let greetings: Api<Greeting> = Api::all(client.clone());
    Controller::new(greetings, watcher::Config::default())
        .shutdown_on_signal()
        .run(reconcile, error_policy, Arc::new(Context { client }))
        .for_each(|_| std::future::ready(()))
        .await;
    Ok(())
}

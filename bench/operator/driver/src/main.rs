//! Measures operators that do the same work against a real API server, or wears one out.

mod audit;
mod cluster;
mod floor;
mod measure;
mod operator;
mod soak;
mod table;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

/// What goes wrong here ends the run with its text.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn std::error::Error + Send + Sync>>;

/// Measures operators that do the same work against a real API server.
#[derive(Parser)]
struct Options {
    /// The folder of etcd and kube-apiserver
    #[arg(long, env = "KUBEBUILDER_ASSETS")]
    assets: PathBuf,
    /// The folder of the CRD
    #[arg(long)]
    crds: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Prints a table of what each operator needs, with ratios to the first
    Compare {
        /// An operator, as <name>=<binary>
        #[arg(long = "operator", required = true)]
        operators: Vec<operator::Named>,
        /// How many objects
        #[arg(long, value_delimiter = ',', default_value = "1000")]
        objects: Vec<usize>,
        /// How many reconciles at a time; 0 is the operator's default
        #[arg(long, value_delimiter = ',', default_value = "0")]
        concurrency: Vec<usize>,
        /// Measure the writes alone as well: how quick an operator could be on this machine
        #[arg(long)]
        floor: bool,
        /// Print each row as JSON too
        #[arg(long)]
        json: bool,
    },
    /// Changes objects at random while the API server is restarted and leaders are killed
    Soak(soak::Options),
}

#[tokio::main]
async fn main() -> Result<()> {
    let options = Options::parse();
    let place = cluster::Place {
        assets: options.assets,
        crds: options.crds,
    };
    match options.command {
        Command::Compare {
            operators,
            objects,
            concurrency,
            floor,
            json,
        } => {
            for &number in &objects {
                for &at_a_time in &concurrency {
                    let mut rows = Vec::new();
                    for each in &operators {
                        let row = measure::measure(&place, each, number, at_a_time).await?;
                        if json {
                            println!("{}", serde_json::to_string(&row)?);
                        }
                        rows.push(row);
                    }
                    if floor {
                        rows.push(floor::measure(&place, number, at_a_time).await?);
                    }
                    table::print(number, at_a_time, &rows);
                }
            }
            Ok(())
        }
        Command::Soak(options) => soak::run(&place, &options).await,
    }
}

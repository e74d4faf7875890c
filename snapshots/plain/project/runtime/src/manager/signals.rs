//! SIGTERM and SIGINT.

use std::io;

use futures::{Stream, StreamExt as _, stream};

use crate::Error;

/// One item for each signal that asks the process to end.
#[cfg(unix)]
pub(super) fn listen() -> io::Result<impl Stream<Item = ()>> {
    use tokio::signal::unix::{SignalKind, signal};

    let signals = (
        signal(SignalKind::terminate())?,
        signal(SignalKind::interrupt())?,
    );
    Ok(stream::unfold(
        signals,
        |(mut terminate, mut interrupt)| async move {
            let name = tokio::select! {
                _ = terminate.recv() => "SIGTERM",
                _ = interrupt.recv() => "SIGINT",
            };
            tracing::info!(signal = name, "got a signal");
            Some(((), (terminate, interrupt)))
        },
    ))
}

/// One item for each Ctrl-C.
#[cfg(not(unix))]
#[expect(
    clippy::unnecessary_wraps,
    reason = "fails where there are Unix signals"
)]
pub(super) fn listen() -> io::Result<impl Stream<Item = ()>> {
    Ok(stream::unfold((), |()| async {
        tokio::signal::ctrl_c().await.ok().map(|()| ((), ()))
    }))
}

/// What `work` returns; not waited for any longer when a signal comes.
pub(super) async fn unless_one_comes<T>(
    mut signals: impl Stream<Item = ()> + Unpin,
    work: impl Future<Output = T>,
) -> Result<T, Error> {
    tokio::select! {
        biased;
        Some(()) = signals.next() => Err(Error::Interrupted),
        done = work => Ok(done),
    }
}

/// Ends the process as a second signal asks for, without waiting for anything.
pub(super) fn exit_at_once() -> ! {
    tracing::error!("a second signal, exiting at once");
    std::process::exit(1)
}

#[cfg(test)]
mod tests {
    use std::future::{pending, ready};

    use super::*;

    #[tokio::test]
    async fn a_signal_ends_every_wait() {
        let one = || stream::iter([()]);
        let ended = unless_one_comes(one(), pending::<()>()).await;
        assert!(matches!(ended, Err(Error::Interrupted)), "{ended:?}");
        let none = || stream::pending();
        assert_eq!(unless_one_comes(none(), ready(1)).await.ok(), Some(1));
        // Where nobody can send one any more, what is waited for is done.
        let no_more = stream::empty();
        assert_eq!(unless_one_comes(no_more, ready(1)).await.ok(), Some(1));
    }
}

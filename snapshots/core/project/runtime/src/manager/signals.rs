//! SIGTERM and SIGINT.

use std::io;

use futures::{Stream, stream};

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

/// Ends the process as a second signal asks for, without waiting for anything.
pub(super) fn exit_at_once() -> ! {
    tracing::error!("a second signal, exiting at once");
    std::process::exit(1)
}

//! What is asked of both servers.

mod applying;
mod deleting;
mod reading;
mod writing;

use futures::FutureExt as _;
use futures::future::BoxFuture;

use crate::script::Script;

pub(crate) type Scenario = for<'a> fn(&'a mut Script) -> BoxFuture<'a, ()>;

macro_rules! scenarios {
    ($($module:ident::$name:ident),* $(,)?) => {
        /// Each scenario with the name of its namespace.
        pub(crate) fn all() -> Vec<(&'static str, Scenario)> {
            vec![$((stringify!($name), (|script| $module::$name(script).boxed()) as Scenario)),*]
        }
    };
}

scenarios! {
    writing::create, writing::refused, writing::replace, writing::patch, writing::status, writing::schema,
    writing::others,
    applying::apply, applying::conflict, applying::lists, applying::taken, applying::deployment,
    applying::statuses, applying::misfits,
    deleting::finalizers, deleting::preconditions, deleting::collection, deleting::owners, deleting::orphans,
    deleting::foreground,
    reading::selectors, reading::pages, reading::watches, reading::metadata,
}

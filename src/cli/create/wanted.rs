//! What the user wants of a kind, once questions are answered.

use anyhow::Result;

use super::super::exit::Stop;
use super::super::terminal;
use super::Args;
use crate::project::Controller;
use crate::resource::{ControllerName, ResourceKey};

/// The answers to kubebuilder's two questions.
pub(super) struct Wanted {
    /// Types and a CRD.
    pub(super) resource: bool,
    /// A controller.
    pub(super) controller: bool,
    /// The controller's name, where it has one of its own.
    pub(super) name: Option<ControllerName>,
}

impl Wanted {
    /// Asks what the flags do not say, on a terminal only.
    pub(super) fn of(args: &Args) -> Result<Self> {
        let resource = resource(args)?;
        if args.ssa == Some(true) && !resource {
            return Err(Stop::usage(
                "`--ssa` is about the types, and none are asked for\nhelp: leave it out, or say `--resource`",
            ));
        }
        Ok(Self {
            resource,
            controller: controller(args)?,
            name: args.controller_name.clone(),
        })
    }

    /// The controller that is asked for.
    pub(super) fn controller(&self, key: &ResourceKey) -> Option<Controller> {
        let named = |name: &ControllerName| Controller::of(key, name.clone());
        self.controller
            .then(|| self.name.as_ref().map_or(Controller::Default, named))
    }
}

/// Who says where the types are wants none of his own.
fn resource(args: &Args) -> Result<bool> {
    match (args.external.is_given(), args.resource) {
        (true, Some(true)) => Err(Stop::usage(
            "`--resource` asks for types in this project, and `--external-api-…` says that they are elsewhere\nhelp: say `--resource=false`",
        )),
        (true, _) => Ok(false),
        (false, given) => ask(given, "Create Resource [y/n]", "--resource"),
    }
}

/// Who names a controller wants one.
fn controller(args: &Args) -> Result<bool> {
    match (&args.controller_name, args.controller) {
        (Some(_), Some(false)) => Err(Stop::usage(
            "`--controller-name` names a controller, and `--controller=false` says that there is none\nhelp: leave one of the two out",
        )),
        (Some(_), _) => Ok(true),
        (None, given) => ask(given, "Create Controller [y/n]", "--controller"),
    }
}

fn ask(given: Option<bool>, question: &str, flag: &str) -> Result<bool> {
    match given {
        Some(answer) => Ok(answer),
        None if terminal::is_interactive() => terminal::yes_or_no(question),
        None => Err(Stop::usage(format!(
            "there is no terminal to ask `{question}`\nhelp: say it with `{flag}` or `{flag}=false`"
        ))),
    }
}

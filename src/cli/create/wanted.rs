//! What the user wants of a kind, once questions are answered.

use anyhow::Result;

use super::super::exit::Stop;
use super::super::terminal::Question;
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

/// Who says where the types are wants none of his own; who declares fields does.
fn resource(args: &Args) -> Result<bool> {
    let (elsewhere, fields) = (args.external.is_given(), !args.field.is_empty());
    match args.resource {
        Some(true) if elsewhere => Err(Stop::usage(
            "`--resource` asks for types in this project, and `--external-api-…` says that they are elsewhere\nhelp: say `--resource=false`",
        )),
        Some(false) if fields => Err(Stop::usage(
            "`--field` is about the types, and `--resource=false` says that there are none\nhelp: leave one of the two out",
        )),
        _ if elsewhere && fields => Err(Stop::usage(
            "`--field` is about types in this project, and `--external-api-…` says that they are elsewhere\nhelp: leave one of the two out",
        )),
        _ if elsewhere => Ok(false),
        _ if fields => Ok(true),
        given => ask(given, RESOURCE),
    }
}

/// Who names a controller wants one.
fn controller(args: &Args) -> Result<bool> {
    match (&args.controller_name, args.controller) {
        (Some(_), Some(false)) => Err(Stop::usage(
            "`--controller-name` names a controller, and `--controller=false` says that there is none\nhelp: leave one of the two out",
        )),
        (Some(_), _) => Ok(true),
        (None, given) => ask(given, CONTROLLER),
    }
}

fn ask(given: Option<bool>, question: Question<'_>) -> Result<bool> {
    given.map_or_else(|| question.yes_or_no(), Ok)
}

const RESOURCE: Question<'_> = Question {
    words: "Create Resource [y/n]",
    instead: "say it with `--resource` or `--resource=false`",
};

const CONTROLLER: Question<'_> = Question {
    words: "Create Controller [y/n]",
    instead: "say it with `--controller` or `--controller=false`",
};

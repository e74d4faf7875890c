//! The answers that a test gives itself.

use super::request::RecordedRequest;
use crate::testing::answer::Answer;

pub(super) type Fallback = Box<dyn FnMut(&RecordedRequest) -> Option<Answer> + Send>;

/// Answers by method and path, in the order in which they were given.
#[derive(Default)]
pub(super) struct Table {
    routes: Vec<Route>,
    fallback: Option<Fallback>,
}

struct Route {
    method: String,
    path: String,
    answers: Vec<Answer>,
}

impl Table {
    pub(super) fn add(&mut self, method: &str, path: &str, answer: Answer) {
        match self.route(method, path) {
            Some(route) => route.answers.push(answer),
            None => self.routes.push(Route {
                method: method.to_owned(),
                path: path.to_owned(),
                answers: vec![answer],
            }),
        }
    }

    pub(super) fn set_fallback(&mut self, fallback: Fallback) {
        self.fallback = Some(fallback);
    }

    /// `None` when nothing was said about the request.
    pub(super) fn take(&mut self, request: &RecordedRequest) -> Option<Answer> {
        let answer = match self.route(&request.method, &request.path) {
            Some(route) => Some(route.next()),
            None => self
                .fallback
                .as_mut()
                .and_then(|fallback| fallback(request)),
        };
        answer.filter(|answer| !answer.is_from_state())
    }

    fn route(&mut self, method: &str, path: &str) -> Option<&mut Route> {
        self.routes
            .iter_mut()
            .find(|route| route.method == method && route.path == path)
    }
}

impl Route {
    fn next(&mut self) -> Answer {
        match self.answers.len() {
            1 => self.answers[0].clone(),
            _ => self.answers.remove(0),
        }
    }
}

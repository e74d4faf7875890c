//! Who may read the metrics: the API server is asked whose token it is, and whether they may.
//!
//! As controller-runtime's `WithAuthenticationAndAuthorization`: a TokenReview, then a SubjectAccessReview for the path
//! and the method in lower case. Both answers are remembered for its times, but that a token is nobody's only briefly.
//! The manager needs the right to create both, the reader the verb `get` on the nonResourceURL `/metrics`.

use std::collections::BTreeMap;
use std::time::Duration;

use http::StatusCode;
use http::header::AUTHORIZATION;
use http::request::Parts;
use k8s_openapi::api::authentication::v1::{TokenReview, TokenReviewSpec, UserInfo};
use k8s_openapi::api::authorization::v1::{
    NonResourceAttributes, SubjectAccessReview, SubjectAccessReviewSpec,
};
use kube::api::PostParams;
use kube::{Api, Client};
use tokio::sync::Semaphore;

use super::Reply;
use super::remembered::{Remembered, digest};
use crate::error::chain;

/// How long it is believed whose a token is.
const USER_HOLDS: Duration = Duration::from_secs(60);

/// How long it is believed that a token is nobody's. Short, because an API server that can't ask its own identity
/// provider says the same.
const NOBODY_HOLDS: Duration = Duration::from_secs(10);

/// How long a user who may keeps it.
const ALLOWED_HOLDS: Duration = Duration::from_secs(5 * 60);

/// How long a user who may not is not asked about again.
const DENIED_HOLDS: Duration = Duration::from_secs(30);

/// How long the API server may take for both answers.
const TIMEOUT: Duration = Duration::from_secs(10);

/// How many requests at once may ask the API server: strangers must not make us flood it.
const AT_ONCE: usize = 4;

/// Asks the API server who may read.
pub(crate) struct Access {
    client: Client,
    users: Remembered<Option<UserInfo>>,
    decisions: Remembered<bool>,
    at_once: Semaphore,
}

/// Why the API server couldn't be asked.
#[derive(Debug, thiserror::Error)]
enum ReviewError {
    #[error("the API server took too long")]
    Timeout,
    #[error(
        "failed to create a {review}; help: allow the manager to create it, as config/rbac/metrics_auth_role.yaml does"
    )]
    Kube {
        review: &'static str,
        #[source]
        source: kube::Error,
    },
}

impl Access {
    pub(crate) fn new(client: Client) -> Self {
        Self {
            client,
            users: Remembered::default(),
            decisions: Remembered::default(),
            at_once: Semaphore::new(AT_ONCE),
        }
    }

    /// Lets a request through, or gives the answer to it.
    ///
    /// # Errors
    /// 401 for who isn't known, 403 for who may not, 500 when the API server can't be asked.
    pub(crate) async fn check(&self, request: &Parts) -> Result<(), Reply> {
        let Some(token) = bearer_token(request) else {
            return Err(unauthorized());
        };
        let checked = tokio::time::timeout(TIMEOUT, self.check_token(token, request));
        let checked = checked.await.unwrap_or(Err(ReviewError::Timeout));
        checked.unwrap_or_else(|error| {
            tracing::error!(
                error = chain(&error),
                "failed to check who reads the metrics"
            );
            let text = "Authentication or authorization failed\n";
            Err(Reply::text(StatusCode::INTERNAL_SERVER_ERROR, text))
        })
    }

    async fn check_token(
        &self,
        token: &str,
        request: &Parts,
    ) -> Result<Result<(), Reply>, ReviewError> {
        let Some(user) = self.user(token).await? else {
            return Ok(Err(unauthorized()));
        };
        let name = user.username.clone().unwrap_or_default();
        if self.may(user, request).await? {
            return Ok(Ok(()));
        }
        tracing::debug!(user = name, "refused the metrics");
        let text = format!("Authorization denied for user {name}\n");
        Ok(Err(Reply::text(StatusCode::FORBIDDEN, text)))
    }

    async fn user(&self, token: &str) -> Result<Option<UserInfo>, ReviewError> {
        let question = digest(token.as_bytes());
        if let Some(user) = self.users.get(&question) {
            return Ok(user);
        }
        let _permit = self.at_once.acquire().await;
        // Somebody else may have asked while this waited.
        if let Some(user) = self.users.get(&question) {
            return Ok(user);
        }
        let user = self.review_token(token).await?;
        let holds = user.as_ref().map_or(NOBODY_HOLDS, |_| USER_HOLDS);
        self.users.insert(question, user.clone(), holds);
        Ok(user)
    }

    async fn review_token(&self, token: &str) -> Result<Option<UserInfo>, ReviewError> {
        let review = TokenReview {
            spec: TokenReviewSpec {
                token: Some(token.to_owned()),
                ..TokenReviewSpec::default()
            },
            ..TokenReview::default()
        };
        let reviews = Api::<TokenReview>::all(self.client.clone());
        let created = reviews.create(&PostParams::default(), &review).await;
        let status = created.map_err(|source| ReviewError::Kube {
            review: "TokenReview",
            source,
        })?;
        let status = status.status.unwrap_or_default();
        let authenticated = status.authenticated == Some(true);
        if !authenticated {
            tracing::debug!(reason = status.error, "a token is nobody's");
        }
        Ok(status.user.filter(|_| authenticated))
    }

    async fn may(&self, user: UserInfo, request: &Parts) -> Result<bool, ReviewError> {
        let spec = access_spec(user, request);
        // A structure without a map whose order varies: the same question is the same text.
        let question = digest(&serde_json::to_vec(&spec).unwrap_or_default());
        if let Some(may) = self.decisions.get(&question) {
            return Ok(may);
        }
        let _permit = self.at_once.acquire().await;
        if let Some(may) = self.decisions.get(&question) {
            return Ok(may);
        }
        let may = self.review_access(spec).await?;
        let holds = if may { ALLOWED_HOLDS } else { DENIED_HOLDS };
        self.decisions.insert(question, may, holds);
        Ok(may)
    }

    async fn review_access(&self, spec: SubjectAccessReviewSpec) -> Result<bool, ReviewError> {
        let review = SubjectAccessReview {
            spec,
            ..SubjectAccessReview::default()
        };
        let reviews = Api::<SubjectAccessReview>::all(self.client.clone());
        let created = reviews.create(&PostParams::default(), &review).await;
        let created = created.map_err(|source| ReviewError::Kube {
            review: "SubjectAccessReview",
            source,
        })?;
        Ok(created.status.is_some_and(|status| status.allowed))
    }
}

fn unauthorized() -> Reply {
    Reply::text(StatusCode::UNAUTHORIZED, "Unauthorized\n")
}

/// The token of `Authorization: Bearer <token>`; the scheme is written as one likes.
fn bearer_token(request: &Parts) -> Option<&str> {
    let value = request.headers.get(AUTHORIZATION)?.to_str().ok()?;
    let mut words = value.trim().split(' ');
    let scheme = words.next()?;
    let token = words.next()?;
    (scheme.eq_ignore_ascii_case("bearer") && !token.is_empty()).then_some(token)
}

fn access_spec(user: UserInfo, request: &Parts) -> SubjectAccessReviewSpec {
    SubjectAccessReviewSpec {
        user: user.username,
        uid: user.uid,
        groups: user.groups,
        extra: user
            .extra
            .map(|extra| extra.into_iter().collect::<BTreeMap<_, _>>()),
        non_resource_attributes: Some(NonResourceAttributes {
            path: Some(request.uri.path().to_owned()),
            verb: Some(request.method.as_str().to_ascii_lowercase()),
        }),
        resource_attributes: None,
    }
}

#[cfg(test)]
mod tests;

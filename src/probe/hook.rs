//! The levers on the target that its operator provides: commands and HTTP requests.

use std::process::Stdio;
use std::time::Duration;

use tokio::io::AsyncReadExt as _;
use tokio::process::Command;

use crate::engine::ports::Trouble;
use crate::model::step::HookName;
use crate::model::target::{Declared, HookAction, HookRequest};
use crate::probe::target::{ResolvedSubscriber, ResolvedTarget};
use crate::wire::http::clean;

/// How long a lever may take.
const TIME: Duration = Duration::from_secs(30);

/// Octets of a command's complaint that are read.
const COMPLAINT: u64 = 4096;

/// How long the rest of its complaint is waited for after a command ended.
const LAST_WORDS: Duration = Duration::from_millis(200);

/// For whom and by how much a lever is pulled.
#[derive(Debug, Clone, Copy, Default)]
pub struct HookValues<'a> {
    /// Fills `{subscriber}` and `{b_tid}`.
    pub subscriber: Option<&'a ResolvedSubscriber>,
    /// Fills `{seconds}`.
    pub seconds: Option<u64>,
}

impl HookValues<'_> {
    fn fill(&self, text: &str) -> Result<String, Trouble> {
        let seconds = self.seconds.map(|seconds| seconds.to_string());
        let mut filled = text.to_owned();
        for (placeholder, value) in [
            (
                "{subscriber}",
                self.subscriber.map(|found| found.name.as_str()),
            ),
            (
                "{b_tid}",
                self.subscriber.map(|found| found.username.as_str()),
            ),
            ("{seconds}", seconds.as_deref()),
        ] {
            if !filled.contains(placeholder) {
                continue;
            }
            let value = value.ok_or_else(|| {
                Trouble::Fault(format!("the hook needs {placeholder}, the step gives none"))
            })?;
            filled = filled.replace(placeholder, value);
        }
        Ok(filled)
    }
}

/// Pulls a lever.
///
/// # Errors
/// [`Trouble::NotApplicable`] when the target file declares that there is none, [`Trouble::NotProven`] when it says
/// nothing of it or when it does not work.
pub async fn pull(
    target: &ResolvedTarget,
    hook: HookName,
    values: HookValues<'_>,
) -> Result<(), Trouble> {
    let key = hook.key();
    let declared = match hook {
        HookName::ForceReauth => &target.hooks.force_reauth,
        HookName::ExpireBTid => &target.hooks.expire_b_tid,
        HookName::AdvanceClock => &target.hooks.advance_clock,
        HookName::Restart => &target.hooks.restart,
    };
    let action = match declared {
        None => return Err(Trouble::NotProven(format!("needs hooks.{key}"))),
        Some(Declared::None) => {
            return Err(Trouble::NotApplicable(format!(
                "hooks.{key} is declared none"
            )));
        }
        Some(Declared::Given(action)) => action,
    };
    tracing::debug!(hook = key, "pulling a hook");
    let pulled = async {
        match action {
            HookAction::Command(words) => command(words, values).await,
            HookAction::Http(request) => http(request, values).await,
        }
    };
    match tokio::time::timeout(TIME, pulled).await {
        Ok(Ok(())) => Ok(()),
        Ok(Err(Pulled::Not(why))) => Err(Trouble::NotProven(format!("hooks.{key}: {why}"))),
        Ok(Err(Pulled::Trouble(trouble))) => Err(trouble),
        Err(_) => Err(Trouble::NotProven(format!(
            "hooks.{key}: not done within {} s",
            TIME.as_secs()
        ))),
    }
}

enum Pulled {
    Not(String),
    Trouble(Trouble),
}

impl From<Trouble> for Pulled {
    fn from(trouble: Trouble) -> Self {
        Self::Trouble(trouble)
    }
}

async fn command(words: &[String], values: HookValues<'_>) -> Result<(), Pulled> {
    let mut filled = Vec::new();
    for word in words {
        filled.push(values.fill(word)?);
    }
    let Some((program, arguments)) = filled.split_first() else {
        return Err(Pulled::Not("the command is empty".to_owned()));
    };
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| Pulled::Not(format!("{program} does not start: {error}")))?;
    let mut complaint = Vec::new();
    let status = match child.stderr.take() {
        None => child.wait().await,
        Some(stderr) => {
            let mut stderr = stderr.take(COMPLAINT);
            let mut read = std::pin::pin!(stderr.read_to_end(&mut complaint));
            let ended = tokio::select! {
                // What cannot be read of the complaint is only missing in the reason.
                _ = read.as_mut() => None,
                status = child.wait() => Some(status),
            };
            match ended {
                None => child.wait().await,
                Some(status) => {
                    // A server that the command started may hold the pipe open for as long as it runs.
                    let _ = tokio::time::timeout(LAST_WORDS, read).await;
                    status
                }
            }
        }
    };
    let status = status.map_err(|error| Pulled::Not(format!("{program}: {error}")))?;
    if status.success() {
        return Ok(());
    }
    let first = complaint
        .split(|byte| *byte == b'\n')
        .next()
        .unwrap_or_default();
    Err(Pulled::Not(format!(
        "{program} ended with {status}: {}",
        clean(first, 160)
    )))
}

async fn http(request: &HookRequest, values: HookValues<'_>) -> Result<(), Pulled> {
    let url = values.fill(&request.url)?;
    let method = request.method.as_deref().unwrap_or("POST");
    let method = reqwest::Method::from_bytes(method.as_bytes())
        .map_err(|_| Pulled::Not(format!("`{}` is no method", clean(method.as_bytes(), 40))))?;
    let client = client(&url).map_err(Pulled::Not)?;
    let response = client
        .request(method, &url)
        .send()
        .await
        .map_err(|error| Pulled::Not(error.without_url().to_string()))?;
    let status = response.status();
    if status.is_success() {
        Ok(())
    } else {
        Err(Pulled::Not(format!("answered {status}")))
    }
}

fn client(url: &str) -> Result<reqwest::Client, String> {
    let builder = reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .timeout(TIME);
    let builder = if url.starts_with("https:") {
        // Another part of the process may have installed the same provider before.
        let _ = rustls::crypto::ring::default_provider().install_default();
        builder
    } else {
        let provider = std::sync::Arc::new(rustls::crypto::ring::default_provider());
        let config = rustls::ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| error.to_string())?
            .with_root_certificates(rustls::RootCertStore::empty())
            .with_no_client_auth();
        builder.tls_backend_preconfigured(config)
    };
    builder.build().map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use tokio::io::AsyncWriteExt as _;
    use tokio::net::TcpListener;

    use super::*;
    use crate::probe::http::tests::server::Server;
    use crate::probe::http::tests::target;

    async fn with(action: Option<Declared<HookAction>>) -> ResolvedTarget {
        let mut target = target(&Server::start(false).await);
        target.hooks.advance_clock = action;
        target
    }

    fn command(words: &[&str]) -> Option<Declared<HookAction>> {
        let words = words.iter().map(ToString::to_string).collect();
        Some(Declared::Given(HookAction::Command(words)))
    }

    async fn advance(target: &ResolvedTarget) -> Result<(), Trouble> {
        let values = HookValues {
            subscriber: target.subscribers.get("alice"),
            seconds: Some(90),
        };
        pull(target, HookName::AdvanceClock, values).await
    }

    #[tokio::test]
    async fn commands_get_their_values_and_failures_are_told() {
        let right = "test \"$0 $1 $2\" = \"alice alice@bsf 90\"";
        let words = ["sh", "-c", right, "{subscriber}", "{b_tid}", "{seconds}"];
        let target = with(command(&words)).await;
        assert_eq!(advance(&target).await, Ok(()));
        let target = with(command(&["sh", "-c", "echo no clock here >&2; exit 3"])).await;
        let Err(Trouble::NotProven(why)) = advance(&target).await else {
            panic!("not told");
        };
        assert!(
            why.contains("advance_clock") && why.contains("no clock here"),
            "{why}"
        );
        let target = with(command(&["/nonexistent/program"])).await;
        assert!(matches!(advance(&target).await, Err(Trouble::NotProven(_))));
    }

    #[tokio::test]
    async fn unknown_declared_none_and_lacking_values_differ() {
        let unknown = advance(&with(None).await).await;
        assert_eq!(
            unknown,
            Err(Trouble::NotProven("needs hooks.advance_clock".to_owned()))
        );
        let none = advance(&with(Some(Declared::None)).await).await;
        assert!(matches!(none, Err(Trouble::NotApplicable(_))));
        let target = with(command(&["true", "{seconds}"])).await;
        let lacking = pull(&target, HookName::AdvanceClock, HookValues::default()).await;
        assert!(matches!(lacking, Err(Trouble::Fault(_))));
    }

    #[tokio::test]
    async fn requests_are_sent_and_their_status_counts() {
        for (status, worked) in [
            ("204 No Content", true),
            ("500 No", false),
            ("302 F", false),
        ] {
            let listener = TcpListener::bind("127.0.0.1:0").await.expect("listener");
            let address = listener.local_addr().expect("address");
            let asked = async {
                let (mut stream, _) = listener.accept().await.expect("connection");
                let mut request = vec![0; 4096];
                let length = stream.read(&mut request).await.expect("request");
                let answer = format!("HTTP/1.1 {status}\r\nConnection: close\r\n\r\n");
                stream.write_all(answer.as_bytes()).await.expect("answer");
                String::from_utf8_lossy(&request[..length]).into_owned()
            };
            let action = HookAction::Http(HookRequest {
                method: None,
                url: format!("http://{address}/clock?by={{seconds}}"),
            });
            let target = with(Some(Declared::Given(action))).await;
            let (pulled, request) = tokio::join!(advance(&target), asked);
            assert_eq!(pulled.is_ok(), worked, "{status}");
            assert!(request.starts_with("POST /clock?by=90 "), "{request}");
        }
    }
}

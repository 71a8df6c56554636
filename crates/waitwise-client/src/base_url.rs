//! Which host, and whether the way to it is protected.

use std::fmt;
use std::net::IpAddr;

use reqwest::Url;

/// Scheme, host and port of a host. Holds no user name, password, path or query, so it can be shown.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct BaseUrl {
    url: Url,
    loopback: bool,
}

/// A text that does not name a host as needed.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BaseUrlError {
    /// The text is no host name, `host:port` or address.
    #[error("cannot read `{text}` as a host")]
    Syntax {
        /// The text, without anything before an `@`.
        text: String,
        /// What is wrong with it.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// Neither `https` nor `http`.
    #[error("the host's scheme is `{scheme}`, expected https")]
    Scheme {
        /// The scheme.
        scheme: String,
    },
    /// Something beside scheme, host and port.
    #[error("the host must be given without {part}")]
    Part {
        /// "a user name or password", "a path" or "a query".
        part: &'static str,
    },
    /// Plain HTTP to another machine: the secret would travel unprotected.
    #[error("refused to send a client secret to `{host}` over plain http")]
    PlainHttp {
        /// The host.
        host: String,
    },
}

impl BaseUrlError {
    /// Returns what can be done about it.
    pub fn hints(&self) -> Vec<String> {
        let hint = match self {
            BaseUrlError::PlainHttp { host } => {
                format!(
                    "use https://{host}; plain http is only for this machine (127.0.0.1, ::1, localhost)"
                )
            }
            BaseUrlError::Syntax { .. }
            | BaseUrlError::Scheme { .. }
            | BaseUrlError::Part { .. } => {
                "write it as `api.example.com`, `host:8443`, `[::1]:8080` or `https://host`"
                    .to_owned()
            }
        };
        vec![hint]
    }
}

impl BaseUrl {
    /// Reads `host`, `host:port`, `https://host[:port]` or `http://loopback[:port]`.
    ///
    /// Without a scheme it is https; for a loopback host it is http, unless a CA file was given, which says that
    /// the host speaks TLS.
    ///
    /// # Errors
    /// Not a host, something beside scheme, host and port, or plain http to a host that is not loopback.
    pub fn parse(text: &str, ca_file_given: bool) -> Result<BaseUrl, BaseUrlError> {
        let text = text.trim();
        let url = match text.contains("://") {
            true => read(text)?,
            false => with_usual_scheme(text, ca_file_given)?,
        };
        refuse_extra_parts(&url)?;
        let loopback = is_loopback(&url);
        match url.scheme() {
            "https" => Ok(BaseUrl { url, loopback }),
            "http" if loopback => Ok(BaseUrl { url, loopback }),
            "http" => Err(BaseUrlError::PlainHttp {
                host: url.host_str().unwrap_or_default().to_owned(),
            }),
            other => Err(BaseUrlError::Scheme {
                scheme: other.to_owned(),
            }),
        }
    }

    /// Returns whether the host is this machine.
    pub fn is_loopback(&self) -> bool {
        self.loopback
    }

    /// Returns whether the way to the host is protected by TLS.
    pub fn is_https(&self) -> bool {
        self.url.scheme() == "https"
    }

    /// Returns the address of `path`, whose `{…}` become `ids` with everything escaped that is no plain letter.
    pub(crate) fn join(&self, path: &str, ids: &[String], query: Option<&str>) -> Url {
        let mut url = self.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.clear();
            let mut ids = ids.iter();
            for segment in path.split('/').skip(1) {
                segments.push(match segment.starts_with('{') {
                    true => ids.next().map_or("", String::as_str),
                    false => segment,
                });
            }
        }
        url.set_query(query);
        url
    }

    /// Resolves an address that the host gave, relative to itself; `None` if it lies on another host.
    pub(crate) fn resolve(&self, address: &str) -> Option<Url> {
        let url = self.url.join(address).ok()?;
        (url.origin() == self.url.origin()).then_some(url)
    }
}

impl fmt::Display for BaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.url.as_str().trim_end_matches('/'))
    }
}

fn with_usual_scheme(text: &str, ca_file_given: bool) -> Result<Url, BaseUrlError> {
    let https = read(&format!("https://{text}"))?;
    if is_loopback(&https) && !ca_file_given {
        return read(&format!("http://{text}"));
    }
    Ok(https)
}

fn read(text: &str) -> Result<Url, BaseUrlError> {
    Url::parse(text).map_err(|source| BaseUrlError::Syntax {
        text: without_userinfo(text).to_owned(),
        source: Box::new(source),
    })
}

fn without_userinfo(text: &str) -> &str {
    let host = text.rsplit('@').next().unwrap_or(text);
    host.trim_start_matches("https://")
}

fn refuse_extra_parts(url: &Url) -> Result<(), BaseUrlError> {
    let part = if !url.username().is_empty() || url.password().is_some() {
        "a user name or password"
    } else if !matches!(url.path(), "" | "/") {
        "a path"
    } else if url.query().is_some() || url.fragment().is_some() {
        "a query"
    } else {
        return Ok(());
    };
    Err(BaseUrlError::Part { part })
}

fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default();
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, ca_file_given: bool) -> String {
        BaseUrl::parse(text, ca_file_given).unwrap().to_string()
    }

    #[test]
    fn the_scheme_follows_from_the_host() {
        for (text, expected) in [
            ("api.example.com", "https://api.example.com"),
            ("api.example.com:8443", "https://api.example.com:8443"),
            ("https://api.example.com/", "https://api.example.com"),
            ("127.0.0.1:8080", "http://127.0.0.1:8080"),
            ("localhost:8080", "http://localhost:8080"),
            ("[::1]:8080", "http://[::1]:8080"),
            (" 127.0.0.1:8080\n", "http://127.0.0.1:8080"),
            ("https://127.0.0.1:8080", "https://127.0.0.1:8080"),
            ("http://localhost", "http://localhost"),
        ] {
            assert_eq!(shown(text, false), expected);
        }
        assert_eq!(shown("127.0.0.1:8080", true), "https://127.0.0.1:8080");
        assert_eq!(shown("localhost:8443", true), "https://localhost:8443");
    }

    #[test]
    fn what_would_leak_or_mislead_is_refused() {
        for (text, expected) in [
            (
                "http://api.example.com",
                "refused to send a client secret to `api.example.com` over plain http",
            ),
            (
                "http://127.0.0.1.example.com",
                "refused to send a client secret to `127.0.0.1.example.com` over plain http",
            ),
            ("ftp://host", "the host's scheme is `ftp`, expected https"),
            (
                "https://me:pw@host",
                "the host must be given without a user name or password",
            ),
            ("host/api/v2", "the host must be given without a path"),
            ("host?x=1", "the host must be given without a query"),
            ("", "cannot read `` as a host"),
            ("me:pw@ho st", "cannot read `ho st` as a host"),
        ] {
            let error = BaseUrl::parse(text, false).unwrap_err();
            assert_eq!(error.to_string(), expected);
            assert!(!error.hints().is_empty());
        }
    }

    #[test]
    fn an_id_cannot_change_the_path() {
        let base = BaseUrl::parse("127.0.0.1:1", false).unwrap();
        let url = base.join("/rules/{id}/x", &["../a?b#c d".to_owned()], None);
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:1/rules/..%2Fa%3Fb%23c%20d/x"
        );
    }

    #[test]
    fn an_address_on_another_host_is_seen() {
        let base = BaseUrl::parse("127.0.0.1:1", false).unwrap();
        assert!(base.resolve("/a?b=1").is_some());
        assert!(base.resolve("http://127.0.0.1:1/a").is_some());
        for other in [
            "http://127.0.0.1:2/a",
            "https://127.0.0.1:1/a",
            "//evil.example/a",
        ] {
            assert!(base.resolve(other).is_none(), "{other}");
        }
    }
}

//! The HTTP client as we want it, and what its errors mean.

use std::error::Error;
use std::io;
use std::path::Path;

use reqwest::{Certificate, ClientBuilder};
use rustls::CertificateError;

use crate::error::{ClientError, Failure, Obstacle};
use crate::settings::Settings;

/// Builds the HTTP client: rustls with the CA file's roots or else the system's, HTTP/1 only, no redirects, proxies
/// from the usual variables except for this machine.
pub(crate) fn build(settings: &Settings) -> Result<reqwest::Client, ClientError> {
    install_crypto();
    let mut builder = reqwest::Client::builder()
        .user_agent(concat!("waitwise/", env!("CARGO_PKG_VERSION")))
        .http1_only()
        .redirect(reqwest::redirect::Policy::none())
        // The retry policy decides about every request that leaves.
        .retry(reqwest::retry::never())
        .connect_timeout(settings.limits.connect_timeout);
    if settings.base_url.is_loopback() && settings.login_url().is_loopback() {
        builder = builder.no_proxy();
    }
    with_roots(builder, settings)?
        .build()
        .map_err(|source| ClientError::Setup { source })
}

fn with_roots(builder: ClientBuilder, settings: &Settings) -> Result<ClientBuilder, ClientError> {
    if !settings.base_url.is_https() && !settings.login_url().is_https() {
        // Without TLS the system's certificates need not be read, nor even exist.
        return Ok(builder.tls_certs_only([]));
    }
    match &settings.ca_file {
        Some(path) => Ok(builder.tls_certs_only(read_certificates(path)?)),
        None => Ok(builder),
    }
}

fn read_certificates(path: &Path) -> Result<Vec<Certificate>, ClientError> {
    let error = |source: Box<dyn Error + Send + Sync>| ClientError::CaFile {
        path: path.to_owned(),
        source,
    };
    let pem = std::fs::read(path).map_err(|source| error(source.into()))?;
    let certificates = Certificate::from_pem_bundle(&pem).map_err(|source| error(source.into()))?;
    match certificates.is_empty() {
        true => Err(error("no certificate in it".into())),
        false => Ok(certificates),
    }
}

/// Chooses ring for TLS, once in a process; whoever chose before us wins.
fn install_crypto() {
    if rustls::crypto::CryptoProvider::get_default().is_none() {
        // An error says that another thread was faster, with a choice that is as good.
        drop(rustls::crypto::ring::default_provider().install_default());
    }
}

/// Says what a transport error means for us: was the request sent, and what stood in the way.
pub(crate) fn failure(source: reqwest::Error, host: String, limit: std::time::Duration) -> Failure {
    let source = source.without_url();
    if source.is_connect() {
        let obstacle = obstacle(&source);
        return Failure::NotConnected {
            host,
            obstacle,
            source,
        };
    }
    match source.is_timeout() {
        true => Failure::TimedOut {
            host,
            limit,
            source,
        },
        false => Failure::CutOff { host, source },
    }
}

fn obstacle(error: &reqwest::Error) -> Obstacle {
    if error.is_dns() {
        return Obstacle::UnknownName;
    }
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        if let Some(found) = known(error) {
            return found;
        }
        cause = error.source();
    }
    Obstacle::Other
}

fn known(error: &(dyn Error + 'static)) -> Option<Obstacle> {
    if let Some(tls) = error.downcast_ref::<rustls::Error>() {
        return Some(tls_obstacle(tls));
    }
    let io = error.downcast_ref::<io::Error>()?;
    if io.kind() == io::ErrorKind::ConnectionRefused {
        return Some(Obstacle::NobodyListens);
    }
    // `io::Error::source` steps over the error that it wraps.
    let inner = io.get_ref()?;
    known(inner)
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "rustls has some sixty kinds of error, which are one to us"
)]
fn tls_obstacle(error: &rustls::Error) -> Obstacle {
    match error {
        rustls::Error::InvalidCertificate(CertificateError::UnknownIssuer) => Obstacle::UnknownCa,
        rustls::Error::InvalidCertificate(
            CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. },
        ) => Obstacle::WrongName,
        rustls::Error::InvalidCertificate(_) => Obstacle::BadCertificate,
        rustls::Error::InvalidMessage(_) => Obstacle::NotTls,
        _ => Obstacle::Other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_obstacle_is_known_however_deep_it_is_wrapped() {
        let certificate = rustls::Error::InvalidCertificate;
        let not_tls = rustls::InvalidMessage::InvalidContentType;
        for (error, expected) in [
            (
                certificate(CertificateError::UnknownIssuer),
                Obstacle::UnknownCa,
            ),
            (
                certificate(CertificateError::NotValidForName),
                Obstacle::WrongName,
            ),
            (
                certificate(CertificateError::Expired),
                Obstacle::BadCertificate,
            ),
            (rustls::Error::InvalidMessage(not_tls), Obstacle::NotTls),
            (rustls::Error::DecryptError, Obstacle::Other),
        ] {
            let wrapped = io::Error::other(io::Error::other(error));
            assert_eq!(known(&wrapped), Some(expected));
        }
        let refused = io::Error::from(io::ErrorKind::ConnectionRefused);
        assert_eq!(
            known(&io::Error::other(refused)),
            Some(Obstacle::NobodyListens)
        );
        assert_eq!(known(&io::Error::other("something else")), None);
    }
}

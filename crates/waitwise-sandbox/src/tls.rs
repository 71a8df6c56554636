//! A throw-away certificate authority, for as long as the sandbox runs.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp};
use rcgen::{
    BasicConstraints, CertificateParams, DnType, ExtendedKeyUsagePurpose, IsCa, Issuer, KeyPair,
    KeyUsagePurpose, date_time_ymd,
};
use rustls::ServerConfig;
use rustls::pki_types::PrivateKeyDer;
use tempfile::TempDir;
use tokio_rustls::TlsAcceptor;

/// Certificates are valid from a day before the service clock's now, for clients whose clocks are behind.
const BACKDATED: SignedDuration = SignedDuration::from_hours(24);

/// Clients refuse server certificates that live longer than 398 days.
const LIFETIME: SignedDuration = SignedDuration::from_hours(24 * 365);

/// Why there is no TLS.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TlsError {
    /// The certificates cannot be made.
    #[error("cannot make certificates")]
    Certificates(#[source] rcgen::Error),
    /// The certificates cannot be served.
    #[error("cannot set up TLS")]
    Setup(#[source] rustls::Error),
    /// The authority's certificate cannot be stored.
    #[error("cannot write the certificate authority's file")]
    File(#[source] std::io::Error),
}

/// The server's side of TLS, and the file that lets clients trust it. The file goes when this is dropped.
pub(crate) struct Tls {
    pub(crate) acceptor: TlsAcceptor,
    directory: TempDir,
}

impl Tls {
    /// Makes an authority and a certificate for the loopback addresses.
    pub(crate) fn new(now: Timestamp) -> Result<Tls, TlsError> {
        let authority = authority(now).map_err(TlsError::Certificates)?;
        let directory = private_directory().map_err(TlsError::File)?;
        std::fs::write(ca_file(directory.path()), &authority.pem).map_err(TlsError::File)?;
        let acceptor = acceptor(&authority, now)?;
        Ok(Tls {
            acceptor,
            directory,
        })
    }

    /// Returns where the authority's certificate lies, as PEM.
    pub(crate) fn ca_file(&self) -> PathBuf {
        ca_file(self.directory.path())
    }
}

/// A fresh directory that only its owner can enter: whoever can replace the authority can stand in for the tenant.
fn private_directory() -> std::io::Result<TempDir> {
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    builder.permissions(std::os::unix::fs::PermissionsExt::from_mode(0o700));
    builder.prefix("waitwise-sandbox-").tempdir()
}

fn ca_file(directory: &Path) -> PathBuf {
    directory.join("ca.pem")
}

struct Authority {
    pem: String,
    issuer: Issuer<'static, KeyPair>,
}

fn authority(now: Timestamp) -> Result<Authority, rcgen::Error> {
    let mut params = certificate("Waitwise sandbox authority", Vec::new(), now)?;
    params.is_ca = IsCa::Ca(BasicConstraints::Constrained(0));
    params.key_usages = vec![KeyUsagePurpose::KeyCertSign, KeyUsagePurpose::CrlSign];
    let key = KeyPair::generate()?;
    let pem = params.self_signed(&key)?.pem();
    Ok(Authority {
        pem,
        issuer: Issuer::new(params, key),
    })
}

fn acceptor(authority: &Authority, now: Timestamp) -> Result<TlsAcceptor, TlsError> {
    let (chain, key) = leaf(authority, now).map_err(TlsError::Certificates)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .and_then(|config| {
            config
                .with_no_client_auth()
                .with_single_cert(vec![chain], key)
        })
        .map_err(TlsError::Setup)?;
    Ok(TlsAcceptor::from(Arc::new(config)))
}

type Leaf = (
    rustls::pki_types::CertificateDer<'static>,
    PrivateKeyDer<'static>,
);

fn leaf(authority: &Authority, now: Timestamp) -> Result<Leaf, rcgen::Error> {
    let names = ["localhost", "127.0.0.1", "::1"]
        .map(str::to_owned)
        .to_vec();
    let mut params = certificate("Waitwise sandbox", names, now)?;
    params.use_authority_key_identifier_extension = true;
    params.key_usages = vec![KeyUsagePurpose::DigitalSignature];
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ServerAuth];
    let key = KeyPair::generate()?;
    let certificate = params.signed_by(&key, &authority.issuer)?;
    Ok((
        certificate.der().clone(),
        PrivateKeyDer::Pkcs8(key.serialize_der().into()),
    ))
}

fn certificate(
    name: &str,
    alternatives: Vec<String>,
    now: Timestamp,
) -> Result<CertificateParams, rcgen::Error> {
    let mut params = CertificateParams::new(alternatives)?;
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let date = |at: Timestamp| {
        let date = at.to_zoned(TimeZone::UTC).date();
        date_time_ymd(
            date.year().into(),
            date.month().unsigned_abs(),
            date.day().unsigned_abs(),
        )
    };
    params.not_before = date(now.saturating_sub(BACKDATED).unwrap_or(now));
    params.not_after = date(now.saturating_add(LIFETIME).unwrap_or(now));
    Ok(params)
}

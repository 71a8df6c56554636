//! Certificates that must not be trusted are refused before the secret leaves, each with what to do.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::ServerConfig;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio_rustls::TlsAcceptor;

use crate::bench::{Bench, ended};

#[tokio::test]
async fn a_certificate_for_another_name_is_refused() {
    let host = TlsHost::start(Certificate::For("other.example")).await;
    host.refused(
        true,
        "hint: the host's certificate is for another name: write the host as the certificate names it",
    )
    .await;
}

#[tokio::test]
async fn a_certificate_that_is_out_of_date_is_refused() {
    let host = TlsHost::start(Certificate::Expired).await;
    host.refused(
        true,
        "hint: the host's certificate is out of date or damaged; ",
    )
    .await;
}

#[tokio::test]
async fn a_certificate_that_signs_itself_is_refused() {
    let host = TlsHost::start(Certificate::SelfSigned).await;
    host.refused(
        false,
        "hint: give the certificate of the authority that signed the host's with --ca-file",
    )
    .await;
}

#[tokio::test]
async fn a_good_certificate_of_a_named_authority_is_taken() {
    let host = TlsHost::start(Certificate::For("127.0.0.1")).await;
    let ca_file = host.authority();
    let mut command = host.bench.command("doctor --output json");
    command
        .env("WAITWISE_HOST", format!("https://{}", host.address))
        .env("WAITWISE_CA_FILE", ca_file);
    // It shakes hands, and then says nothing that is HTTP.
    let checks = ended(command).await.with(1).json();
    assert_eq!(checks["checks"][3]["status"], "ok", "{checks:#}");
    assert_eq!(checks["checks"][4]["status"], "wrong", "{checks:#}");
    assert_eq!(host.entered.load(Ordering::SeqCst), 1);
}

#[tokio::test]
async fn plain_http_to_another_machine_is_refused() {
    let bench = Bench::start().await;
    for line in ["analyze", "plan", "run --yes", "rollback"] {
        let line = format!("{line} --host http://gateway.example");
        let refused = bench.waitwise(&line).await;
        refused
            .failed(2, "error: cannot use `http://gateway.example` as a host")
            .notes("refused to send a client secret to `gateway.example` over plain http")
            .notes("hint: use https://gateway.example; plain http is only for this machine");
    }
    let doctor = bench.waitwise("doctor --host http://gateway.example").await;
    doctor
        .with(2)
        .says("over plain http")
        .says("to do: use https://gateway.example; ");
}

/// What the host shows.
enum Certificate {
    /// A good one for this name, signed by an authority.
    For(&'static str),
    /// One for 127.0.0.1 that ended long ago, signed by an authority.
    Expired,
    /// A good one for 127.0.0.1, signed by nobody else.
    SelfSigned,
}

/// A host that shows a certificate, and counts who takes it.
struct TlsHost {
    address: SocketAddr,
    authority_pem: String,
    entered: Arc<AtomicUsize>,
    bench: Bench,
    _server: JoinSet<()>,
}

impl TlsHost {
    async fn start(certificate: Certificate) -> TlsHost {
        let (authority_pem, chain, key) = certificate.make().unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ServerConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![chain], key)
            .unwrap();
        let acceptor = TlsAcceptor::from(Arc::new(config));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let entered = Arc::new(AtomicUsize::new(0));
        let count = entered.clone();
        let mut server = JoinSet::new();
        server.spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                if let Ok(stream) = acceptor.accept(stream).await {
                    count.fetch_add(1, Ordering::SeqCst);
                    drop(stream);
                }
            }
        });
        TlsHost {
            address,
            authority_pem,
            entered,
            bench: Bench::start().await,
            _server: server,
        }
    }

    fn authority(&self) -> PathBuf {
        self.bench.file("authority.pem", &self.authority_pem)
    }

    /// Checks that every command that asks the host refuses, says why, and sends nothing.
    async fn refused(&self, trusts_authority: bool, hint: &str) {
        for line in ["analyze", "plan", "run --yes"] {
            let mut command = self.bench.command(line);
            command.env("WAITWISE_HOST", format!("https://{}", self.address));
            if trusts_authority {
                command.env("WAITWISE_CA_FILE", self.authority());
            }
            let refused = ended(command).await.with(1);
            refused
                .notes("no connection to https://127.0.0.1")
                .notes(hint);
        }
        let mut command = self.bench.command("doctor --output json");
        command.env("WAITWISE_HOST", format!("https://{}", self.address));
        if trusts_authority {
            command.env("WAITWISE_CA_FILE", self.authority());
        }
        let tls = ended(command).await.with(1).json()["checks"][3].clone();
        assert_eq!(
            (&tls["check"], &tls["status"]),
            (&"tls".into(), &"wrong".into())
        );
        let to_do = tls["to_do"][0].as_str().unwrap();
        assert!(
            to_do.starts_with(hint.trim_start_matches("hint: ")),
            "{tls}"
        );
        assert_eq!(self.entered.load(Ordering::SeqCst), 0);
    }
}

type Made = (String, CertificateDer<'static>, PrivateKeyDer<'static>);

impl Certificate {
    /// Returns the authority's certificate as PEM, the host's, and its key.
    fn make(&self) -> Result<Made, rcgen::Error> {
        let key = KeyPair::generate()?;
        let mut authority = CertificateParams::new(Vec::new())?;
        authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let authority_key = KeyPair::generate()?;
        let authority_pem = authority.self_signed(&authority_key)?.pem();
        let name = match self {
            Certificate::For(name) => name,
            Certificate::Expired | Certificate::SelfSigned => "127.0.0.1",
        };
        let mut params = CertificateParams::new(vec![name.to_string()])?;
        if let Certificate::Expired = self {
            params.not_before = date_time_ymd(2020, 1, 1);
            params.not_after = date_time_ymd(2021, 1, 1);
        }
        let made = match self {
            Certificate::SelfSigned => params.self_signed(&key)?,
            Certificate::For(_) | Certificate::Expired => {
                params.signed_by(&key, &Issuer::new(authority, authority_key))?
            }
        };
        let key = PrivateKeyDer::Pkcs8(key.serialize_der().into());
        Ok((authority_pem, made.der().clone(), key))
    }
}

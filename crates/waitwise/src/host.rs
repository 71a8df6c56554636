//! Which hosts are meant: a region's two, two that are named, or one for everything.

use waitwise_app::plan_file::{self, Plan};
use waitwise_app::store::Change;
use waitwise_app::{BaseUrl, Contract, Region};

use crate::args::{ContractArg, HostArgs};
use crate::failure::Failure;

/// What one source, the command line or the file, says about the host.
#[derive(Clone, Default)]
pub(crate) struct Named {
    pub(crate) host: Option<String>,
    pub(crate) region: Option<String>,
    pub(crate) api_url: Option<String>,
    pub(crate) login_url: Option<String>,
    pub(crate) contract: Option<ContractArg>,
}

impl Named {
    pub(crate) fn of(args: &HostArgs) -> Named {
        Named {
            host: args.host.clone(),
            region: args.region.clone(),
            api_url: args.api_url.clone(),
            login_url: args.login_url.clone(),
            contract: args.contract,
        }
    }
}

/// The host that a plan or a change names.
#[derive(Clone, Copy)]
pub(crate) struct Known<'a> {
    pub(crate) tenant: &'a str,
    /// What it speaks, if the plan or the change is what is asked about.
    pub(crate) contract: Option<Contract>,
}

impl<'a> Known<'a> {
    pub(crate) fn of_plan(plan: &'a Plan) -> Known<'a> {
        Known::of(&plan.intent().tenant, &plan.place())
    }

    pub(crate) fn of_change(change: &'a Change) -> Known<'a> {
        Known::of(&change.tenant, &change.place)
    }

    /// The host of a change that need not be the one that is asked about.
    pub(crate) fn host_of(change: &'a Change) -> Known<'a> {
        Known {
            tenant: &change.tenant,
            contract: None,
        }
    }

    /// What is written to tells what is spoken there.
    fn of(tenant: &'a str, place: &plan_file::Place) -> Known<'a> {
        let contract = match place.is_table() {
            true => Contract::Platform,
            false => Contract::Tutorial,
        };
        Known {
            tenant,
            contract: Some(contract),
        }
    }
}

/// The hosts that are meant, and what they speak.
#[derive(Debug)]
pub(crate) struct Hosts {
    pub(crate) base_url: BaseUrl,
    pub(crate) login_url: Option<BaseUrl>,
    pub(crate) contract: Contract,
}

impl Hosts {
    /// Works out what is meant: as `typed`, else as in the `file`, else the host that is `known` from a plan or a
    /// change. How tokens are got and what is spoken may come from another source than the host.
    pub(crate) fn meant(
        typed: &Named,
        file: &Named,
        known: Option<Known<'_>>,
        ca_file_given: bool,
    ) -> Result<Hosts, Failure> {
        let read = |text: &str| base_url(text, ca_file_given);
        let place = match place(typed)?.or(place(file)?) {
            Some(place) => place,
            None => Place::Known(known.ok_or_else(no_host)?.tenant.to_owned()),
        };
        let mut hosts = place.hosts(&read)?;
        if let Some(url) = typed.login_url.as_ref().or(file.login_url.as_ref()) {
            hosts.login_url = Some(read(url)?);
        }
        let said = typed.contract.or(file.contract).map(contract);
        let of_known = known.and_then(|known| known.contract);
        match (said, of_known) {
            (Some(said), Some(known)) if said != known => return Err(other_contract(known)),
            (said, known) => hosts.contract = said.or(known).unwrap_or(hosts.contract),
        }
        Ok(hosts)
    }
}

/// Where a host's name comes from.
enum Place {
    Host(String),
    Region(String),
    Api(String),
    Known(String),
}

/// One source names a host in one way only.
fn place(named: &Named) -> Result<Option<Place>, Failure> {
    let ways = [
        ("host", named.host.clone().map(Place::Host)),
        ("region", named.region.clone().map(Place::Region)),
        ("api_url", named.api_url.clone().map(Place::Api)),
    ];
    let mut given = ways
        .into_iter()
        .filter_map(|(name, place)| Some((name, place?)));
    let Some((first, place)) = given.next() else {
        return Ok(None);
    };
    match given.next() {
        None => Ok(Some(place)),
        Some((second, _)) => Err(Failure::usage(format!(
            "both `{first}` and `{second}` say which host to ask"
        ))
        .hint("leave out one of --host, --region, --api-url and their WAITWISE_* variables")),
    }
}

impl Place {
    fn hosts(&self, read: &dyn Fn(&str) -> Result<BaseUrl, Failure>) -> Result<Hosts, Failure> {
        match self {
            Place::Region(name) => {
                let region = Region::named(name).map_err(|error| {
                    Failure::usage(format!("cannot use `{name}` as a region"))
                        .hints(error.hints())
                        .because(error)
                })?;
                Ok(of_region(region))
            }
            Place::Host(text) => Ok(with(read(text)?, Contract::Tutorial)),
            Place::Api(text) => Ok(with(read(text)?, Contract::Platform)),
            // A plan names the host that answers; a region's tells the rest.
            Place::Known(text) => {
                let host = read(text)?;
                Ok(match Region::of(&host) {
                    Some(region) => of_region(region),
                    None => with(host, Contract::Tutorial),
                })
            }
        }
    }
}

fn contract(arg: ContractArg) -> Contract {
    match arg {
        ContractArg::Tutorial => Contract::Tutorial,
        ContractArg::Platform => Contract::Platform,
    }
}

/// What is written to does not exist by the contract that was named.
fn other_contract(of_plan: Contract) -> Failure {
    let (what, contract) = match of_plan {
        Contract::Tutorial => ("a routing rule", "tutorial"),
        Contract::Platform => ("a data table", "platform"),
    };
    Failure::usage(format!(
        "this is about {what}, which only the contract `{contract}` has"
    ))
    .hint("leave out --contract, WAITWISE_CONTRACT or `contract`: what was planned says what the host speaks")
}

fn of_region(region: &Region) -> Hosts {
    Hosts {
        base_url: region.api_url(),
        login_url: Some(region.login_url()),
        contract: Contract::Platform,
    }
}

/// A region's host never issues tokens itself, however it was named.
fn with(base_url: BaseUrl, contract: Contract) -> Hosts {
    Hosts {
        login_url: Region::of(&base_url).map(|region| region.login_url()),
        base_url,
        contract,
    }
}

fn base_url(text: &str, ca_file_given: bool) -> Result<BaseUrl, Failure> {
    BaseUrl::parse(text, ca_file_given).map_err(|error| {
        Failure::usage(format!("cannot use `{text}` as a host"))
            .hints(error.hints())
            .because(error)
    })
}

fn no_host() -> Failure {
    Failure::usage("no host to ask").hint(
        "name it with --host or WAITWISE_HOST, or the region with --region or WAITWISE_REGION",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn named(pairs: &[(&str, &str)]) -> Named {
        let get = |key: &str| {
            let found = pairs.iter().find(|(name, _)| *name == key);
            found.map(|(_, value)| (*value).to_owned())
        };
        Named {
            host: get("host"),
            region: get("region"),
            api_url: get("api_url"),
            login_url: get("login_url"),
            contract: get("contract").map(|_| ContractArg::Platform),
        }
    }

    fn meant(typed: &[(&str, &str)], file: &[(&str, &str)], known: Option<&str>) -> String {
        let known = known.map(|tenant| Known {
            tenant,
            contract: None,
        });
        match Hosts::meant(&named(typed), &named(file), known, false) {
            Ok(hosts) => {
                let login = hosts.login_url.map(|url| url.to_string());
                let login = login.unwrap_or_else(|| "-".to_owned());
                format!("{} {login} {:?}", hosts.base_url, hosts.contract)
            }
            Err(failure) => failure.render(),
        }
    }

    #[test]
    fn each_way_of_naming_a_host_has_its_contract() {
        let dublin = "https://api.mypurecloud.ie https://login.mypurecloud.ie Platform";
        let ours = "http://127.0.0.1:1";
        type Named<'a> = &'a [(&'a str, &'a str)];
        let cases: [(Named<'_>, Named<'_>, Option<&str>, String); 9] = [
            (&[("region", "eu-west-1")], &[], None, dublin.to_owned()),
            (&[("host", ours)], &[], None, format!("{ours} - Tutorial")),
            (
                &[("api_url", ours)],
                &[],
                None,
                format!("{ours} - Platform"),
            ),
            (
                &[("api_url", ours), ("login_url", "localhost:2")],
                &[],
                None,
                format!("{ours} http://localhost:2 Platform"),
            ),
            (
                &[("host", ours)],
                &[("contract", "platform"), ("region", "mypurecloud.de")],
                None,
                format!("{ours} - Platform"),
            ),
            (
                &[],
                &[("region", "mypurecloud.ie")],
                Some(ours),
                dublin.to_owned(),
            ),
            (
                &[],
                &[],
                Some("https://api.mypurecloud.ie"),
                dublin.to_owned(),
            ),
            (&[], &[], Some(ours), format!("{ours} - Tutorial")),
            (
                &[("host", "api.mypurecloud.ie")],
                &[],
                None,
                "https://api.mypurecloud.ie https://login.mypurecloud.ie Tutorial".to_owned(),
            ),
        ];
        for (typed, file, known, expected) in cases {
            assert_eq!(meant(typed, file, known), expected, "{typed:?} {file:?}");
        }
    }

    #[test]
    fn what_was_planned_says_what_is_spoken() {
        let known = |contract| {
            Some(Known {
                tenant: "http://127.0.0.1:1",
                contract: Some(contract),
            })
        };
        let spoken =
            |typed, known| match Hosts::meant(&named(typed), &Named::default(), known, false) {
                Ok(hosts) => Ok(hosts.contract),
                Err(failure) => Err(failure.exit_code()),
            };
        let ours = &[("host", "http://127.0.0.1:1")][..];
        let said = &[("contract", "platform")][..];
        for (typed, of_plan, expected) in [
            (&[][..], Contract::Platform, Ok(Contract::Platform)),
            (&[], Contract::Tutorial, Ok(Contract::Tutorial)),
            (ours, Contract::Platform, Ok(Contract::Platform)),
            (said, Contract::Platform, Ok(Contract::Platform)),
            (said, Contract::Tutorial, Err(2)),
        ] {
            assert_eq!(spoken(typed, known(of_plan)), expected, "{typed:?}");
        }
    }

    #[test]
    fn what_cannot_be_meant_is_refused_with_a_way_out() {
        let both = meant(&[("host", "x"), ("region", "mypurecloud.ie")], &[], None);
        assert!(both.contains("both `host` and `region`"), "{both}");
        let unknown = meant(&[("region", "mypurecloud.eu")], &[], None);
        assert!(unknown.contains("mypurecloud.com.au"), "{unknown}");
        let none = meant(&[], &[], None);
        assert!(none.contains("--region"), "{none}");
    }
}

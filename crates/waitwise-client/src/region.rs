//! The published platform's regions and their hosts. There are no hosts per organisation.

use crate::base_url::BaseUrl;

/// One region: an organisation, and each of its OAuth clients, lives in exactly one.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Region {
    /// The domain, such as `mypurecloud.ie`: how the region is called here.
    pub domain: &'static str,
    /// The name that AWS gives it, such as `eu-west-1`.
    pub aws: &'static str,
}

const fn region(aws: &'static str, domain: &'static str) -> Region {
    Region { domain, aws }
}

/// Every region, in the order of their AWS names by continent.
pub static REGIONS: [Region; 18] = [
    region("us-east-1", "mypurecloud.com"),
    region("us-east-2", "use2.us-gov-pure.cloud"),
    region("us-west-2", "usw2.pure.cloud"),
    region("ca-central-1", "cac1.pure.cloud"),
    region("sa-east-1", "sae1.pure.cloud"),
    region("mx-central-1", "mxc1.pure.cloud"),
    region("eu-west-1", "mypurecloud.ie"),
    region("eu-west-2", "euw2.pure.cloud"),
    region("eu-central-1", "mypurecloud.de"),
    region("eu-central-2", "euc2.pure.cloud"),
    region("eusc-de-east-1", "edee1.eusc-pure.cloud"),
    region("me-central-1", "mec1.pure.cloud"),
    region("ap-southeast-1", "apse1.pure.cloud"),
    region("ap-southeast-2", "mypurecloud.com.au"),
    region("ap-northeast-1", "mypurecloud.jp"),
    region("ap-northeast-2", "apne2.pure.cloud"),
    region("ap-northeast-3", "apne3.pure.cloud"),
    region("ap-south-1", "aps1.pure.cloud"),
];

/// A text that names no region.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("there is no region `{name}`")]
pub struct UnknownRegion {
    /// The text.
    pub name: String,
}

impl UnknownRegion {
    /// Returns what can be done about it.
    pub fn hints(&self) -> Vec<String> {
        vec![
            format!("the regions are {}", names()),
            "it is the part after `login.` in the address at which you sign in; for a gateway of your own give --api-url and --login-url".to_owned(),
        ]
    }
}

/// Returns the names of all regions, as a person would write them.
pub(crate) fn names() -> String {
    REGIONS.each_ref().map(|region| region.domain).join(", ")
}

impl Region {
    /// Finds a region by its domain or by the name that AWS gives it.
    ///
    /// # Errors
    /// There is none.
    pub fn named(name: &str) -> Result<&'static Region, UnknownRegion> {
        let wanted = name.trim().to_lowercase();
        let is_meant = |region: &&Region| region.domain == wanted || region.aws == wanted;
        let found = REGIONS.iter().find(is_meant);
        found.ok_or_else(|| UnknownRegion {
            name: name.to_owned(),
        })
    }

    /// Returns the region that `host` belongs to: its `api.` or `login.` host; `None` for any other host.
    pub fn of(host: &BaseUrl) -> Option<&'static Region> {
        let is_of = |region: &&Region| [region.api_url(), region.login_url()].contains(host);
        REGIONS.iter().find(is_of)
    }

    /// Returns the host that answers questions.
    pub fn api_url(&self) -> BaseUrl {
        self.host("api")
    }

    /// Returns the host that issues tokens.
    pub fn login_url(&self) -> BaseUrl {
        self.host("login")
    }

    fn host(&self, part: &str) -> BaseUrl {
        let host = format!("{part}.{}", self.domain);
        BaseUrl::parse(&host, false).expect("a region's name is a host's")
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_region_has_two_hosts_and_is_found_by_them() {
        let hosts: BTreeSet<String> = REGIONS
            .iter()
            .flat_map(|region| [region.api_url(), region.login_url()])
            .map(|host| host.to_string())
            .collect();
        assert_eq!(hosts.len(), 36);
        for region in &REGIONS {
            assert_eq!(Region::of(&region.api_url()), Some(region));
            assert_eq!(Region::of(&region.login_url()), Some(region));
            assert_eq!(Region::named(region.aws), Ok(region));
        }
        let dublin = Region::named(" MyPureCloud.ie").unwrap();
        assert_eq!(dublin.api_url().to_string(), "https://api.mypurecloud.ie");
        assert_eq!(
            dublin.login_url().to_string(),
            "https://login.mypurecloud.ie"
        );
    }

    #[test]
    fn a_misspelt_region_hears_all_names() {
        let hints = Region::named("mypurecloud.eu").unwrap_err().hints();
        assert!(
            REGIONS
                .iter()
                .all(|region| hints[0].contains(region.domain))
        );
        for other in [
            "127.0.0.1:1",
            "streaming.mypurecloud.ie",
            "api.mypurecloud.eu",
        ] {
            assert_eq!(Region::of(&BaseUrl::parse(other, false).unwrap()), None);
        }
    }
}

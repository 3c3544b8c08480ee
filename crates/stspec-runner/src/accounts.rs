//! The accounts that a run needs, each made once and shared by all scenarios that name it.

use std::collections::{BTreeMap, BTreeSet};

use futures::StreamExt;
use stspec_scenario::{Account, Library, Name, Rule};

use crate::provision::{NotProvisioned, Provisioned, provision};
use crate::run::Site;

/// How many accounts are made at a time.
const JOBS: usize = 4;

/// Accounts by name, each standing on the target or with the reason why not.
pub(crate) type Accounts = BTreeMap<Name, Result<Provisioned, NotProvisioned>>;

/// The accounts that these rules name, in order of name.
#[must_use]
pub fn needed_accounts<'a>(library: &'a Library, rules: &[&Rule]) -> Vec<&'a Account> {
    let scenarios = rules.iter().flat_map(|rule| &rule.scenarios);
    let names: BTreeSet<&Name> =
        scenarios.filter_map(|scenario| scenario.account.as_ref()).collect();
    names.into_iter().filter_map(|name| library.account(name)).collect()
}

/// Makes the accounts, some at a time.
pub(crate) async fn provision_all(accounts: Vec<&Account>, site: &Site) -> Accounts {
    let made = accounts
        .into_iter()
        .map(|account| async move { (account.name.clone(), provision(account, site).await) });
    futures::stream::iter(made).buffer_unordered(JOBS).collect().await
}

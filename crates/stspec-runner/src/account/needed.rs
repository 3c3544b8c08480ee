//! The accounts that a run needs: made once for all scenarios that share one, or for one alone.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use futures::StreamExt;
use futures::future::join_all;
use stspec_scenario::{Account, Library, Name, Rule};

use crate::account::provision::{provision, settle};
use crate::account::provisioned::{NotProvisioned, Ownership, Provisioned};
use crate::event::AwaitedChange;
use crate::run_context::RunContext;

/// How many accounts are made at a time.
const JOBS: usize = 4;

/// An account on the target, or why it does not stand there.
pub(crate) type Made = Result<Arc<Provisioned>, NotProvisioned>;

/// The shared accounts by name.
pub(crate) type Accounts = BTreeMap<Name, Made>;

/// The accounts that scenarios of these rules share, in order of name.
#[must_use]
pub fn needed_accounts<'a>(library: &'a Library, rules: &[&Rule]) -> Vec<&'a Account> {
    let scenarios = rules.iter().flat_map(|rule| &rule.scenarios);
    let sharing = scenarios.filter(|scenario| !scenario.fresh);
    let names: BTreeSet<&Name> = sharing.filter_map(|scenario| scenario.account.as_ref()).collect();
    names.into_iter().filter_map(|name| library.account(name)).collect()
}

/// Makes the accounts, some at a time, and waits for all of them together until they are in effect.
pub(crate) async fn provision_all(accounts: Vec<&Account>, context: &RunContext) -> Accounts {
    let made = accounts.into_iter().map(|account| async move {
        let made = provision(account, Ownership::Shared, context).await;
        (account.name.clone(), made.map(Arc::new))
    });
    let accounts: Accounts = futures::stream::iter(made).buffer_unordered(JOBS).collect().await;
    let standing: Vec<&Arc<Provisioned>> = accounts.values().flatten().collect();
    if !standing.is_empty() {
        context.settling.announce(AwaitedChange::SharedAccounts);
    }
    join_all(standing.into_iter().map(|account| settle(account, context))).await;
    accounts
}

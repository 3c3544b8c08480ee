//! What everything in one run shares: the target, the ledger, the secrets, and whether it is to end.

use tokio_util::sync::CancellationToken;

use crate::RunError;
use crate::ledger::{CleanUp, Ledger, TargetIdentity};
use crate::options::RequestOptions;
use crate::run_id::new_run_id;
use crate::target::connection::{ConnectOptions, Connection};
use crate::target::settling::Settling;
use crate::wire::secrets::Secrets;

/// What everything in one run shares.
pub(crate) struct RunContext {
    pub(crate) connection: Connection,
    pub(crate) run_id: String,
    pub(crate) ledger: Ledger,
    pub(crate) secrets: Secrets,
    pub(crate) settling: Settling,
    /// Cancelled when no further request is to start.
    pub(crate) cancelled: CancellationToken,
}

impl RunContext {
    /// Connects, under a fresh run id.
    pub(crate) async fn open(
        connect: ConnectOptions,
        options: RequestOptions,
        cancelled: CancellationToken,
    ) -> Result<Self, RunError> {
        let secrets = Secrets::default();
        connect.register_secrets(&secrets);
        let folder = connect.ledgers.clone();
        let settling = Settling::of(&connect.target, options.events.clone());
        let clock = options.clock;
        let connection = Connection::open(connect, options, &secrets).await?;
        let run_id = new_run_id();
        let ledger = match folder {
            Some(folder) => Ledger::open(&folder, &run_id, TargetIdentity::of(&connection), clock)?,
            None => Ledger::default(),
        };
        Ok(Self { connection, run_id, ledger, secrets, settling, cancelled })
    }

    /// Removes what was made, however long it takes.
    pub(crate) async fn clean_up(&self) -> CleanUp {
        self.ledger.clean_up(&self.connection, std::future::pending()).await
    }
}

//! What everything in one run shares: the target, the ledger, the secrets, and whether it is to end.

use crate::RunError;
use crate::ledger::{CleanUp, Ledger, TargetIdentity};
use crate::options::RequestOptions;
use crate::run_id::new_run_id;
use crate::stop::Stop;
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
    pub(crate) stop: Stop,
}

impl RunContext {
    /// Connects, under a fresh run id.
    pub(crate) async fn open(
        connect: ConnectOptions,
        options: RequestOptions,
    ) -> Result<Self, RunError> {
        let secrets = Secrets::default();
        connect.register_secrets(&secrets);
        let folder = connect.ledgers.clone();
        let settling = Settling::of(&connect.target, options.tell);
        let connection = Connection::open(connect, options, &secrets).await?;
        let run_id = new_run_id();
        let ledger = match folder {
            Some(folder) => {
                Ledger::open(&folder, &run_id, TargetIdentity::of(&connection), options.clock)?
            }
            None => Ledger::default(),
        };
        Ok(Self { connection, run_id, ledger, secrets, settling, stop: Stop::default() })
    }

    /// Removes what was made, however long it takes.
    pub(crate) async fn clean_up(&self) -> CleanUp {
        self.ledger.clean_up(&self.connection, std::future::pending()).await
    }
}

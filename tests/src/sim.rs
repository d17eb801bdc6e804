//! A Qualys simulator: a subscription that does not exist, for tests and for trying things out.
//!
//! The world is invented from a seed and a day; documents write it as Qualys would; the server
//! adds accounts, limits and, on demand, faults. It depends on nothing else in this project, so
//! that a mistake in the connector is not repeated here.
//!
//! The binary `qualys-sim` and tests start it in the same way, through [`Sim::start`].

mod document;
mod fault;
mod limits;
mod options;
mod request;
mod server;
mod stats;
mod truth;
mod world;

use std::fs;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::{Context, bail};
use tokio::net::TcpListener;
use tokio::runtime::{Builder, Runtime};

pub use fault::Fault;
pub use options::Options;
pub use stats::Stats;

use server::state::State;

/// A running simulator, stopped when dropped.
pub struct Sim {
    state: Arc<State>,
    address: SocketAddr,
    authority: Option<String>,
    runtime: Option<Runtime>,
}

impl Sim {
    /// Listens, and serves on threads of its own.
    pub fn start(options: Options) -> anyhow::Result<Sim> {
        if !options.listen.ip().is_loopback() && !options.allow_remote {
            bail!(
                "`{}` can be reached from elsewhere; `--allow-remote` allows that",
                options.listen
            );
        }
        let secret = |file: &Option<PathBuf>, usual: &str| match file {
            Some(file) => fs::read_to_string(file)
                .with_context(|| format!("read a secret from `{}`", file.display()))
                .map(|text| text.trim_end().to_owned()),
            None => Ok(usual.to_owned()),
        };
        let password = secret(&options.password_file, "sim-password")?;
        let client_secret = secret(&options.client_secret_file, "sim-secret")?;
        let (tls, authority) = match options.tls {
            true => server::tls::acceptor().map(|(tls, pem)| (Some(tls), Some(pem)))?,
            false => (None, None),
        };
        let listen = options.listen;
        let state = Arc::new(State::new(options, password, client_secret)?);
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .thread_name("qualys-sim")
            .enable_all()
            .build()
            .context("start the threads of the simulator")?;
        let listener = std::net::TcpListener::bind(listen)
            .and_then(|listener| listener.set_nonblocking(true).map(|()| listener))
            .with_context(|| format!("listen on `{listen}`"))?;
        let listener = {
            // Not `block_on`, which may not be called from an asynchronous test.
            let _entered = runtime.enter();
            TcpListener::from_std(listener).context("hand the address to the threads")?
        };
        let address = listener.local_addr().context("ask for the own address")?;
        runtime.spawn(server::serve(listener, tls, Arc::clone(&state)));
        Ok(Sim {
            state,
            address,
            authority,
            runtime: Some(runtime),
        })
    }

    /// Where it listens, such as `http://127.0.0.1:41234`.
    pub fn url(&self) -> String {
        let scheme = if self.authority.is_some() {
            "https"
        } else {
            "http"
        };
        format!("{scheme}://{}", self.address)
    }

    /// The certificate of the authority to trust, as PEM, if it speaks HTTPS.
    pub fn authority(&self) -> Option<&str> {
        self.authority.as_deref()
    }

    pub fn username(&self) -> &str {
        &self.state.options.username
    }

    pub fn password(&self) -> &str {
        &self.state.password
    }

    /// The id and the secret of the API client.
    pub fn client(&self) -> (&str, &str) {
        (&self.state.options.client_id, &self.state.client_secret)
    }

    pub fn stats(&self) -> Stats {
        self.state.stats().clone()
    }

    pub fn day(&self) -> u32 {
        self.state.day()
    }

    /// Answers that have begun keep the day on which they began.
    pub fn set_day(&self, day: u32) {
        self.state.set_day(day);
    }

    /// Adds a fault, written as for `--fault`.
    ///
    /// # Panics
    ///
    /// If the fault is not understood: in a test, that is a mistake of the test.
    pub fn inject(&self, fault: &str) {
        match fault.parse() {
            Ok(fault) => self.state.faults().add(fault),
            Err(why) => panic!("{fault}: {why}"),
        }
    }

    pub fn clear_faults(&self) {
        self.state.faults().clear();
    }

    /// Ids of all hosts that are present today, in the order of the host list.
    pub fn host_ids(&self) -> Vec<u64> {
        let (world, day) = (&self.state.world, self.state.day());
        let present = world
            .indices(day)
            .filter(|&index| world.population.is_present(index, day));
        present.map(|index| world.population.id(index)).collect()
    }
}

impl Drop for Sim {
    fn drop(&mut self) {
        // Dropping a runtime waits, which async tests may not; this does not.
        if let Some(runtime) = self.runtime.take() {
            runtime.shutdown_background();
        }
    }
}

impl std::fmt::Debug for Sim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sim")
            .field("url", &self.url())
            .finish_non_exhaustive()
    }
}

//! What stands between the component and the target: nothing, or what makes Parquet of its rows.

use super::{Format, manifest::Manifest, target::Target};
use crate::cli::failure::Result;
#[cfg(not(feature = "parquet"))]
use crate::cli::{exit::Exit, failure::Failure};

/// Takes what the component renders.
pub(super) struct Sink {
    target: Target,
    #[cfg(feature = "parquet")]
    parquet: Option<super::parquet::Encoder>,
}

impl Sink {
    /// Not every build has every format.
    pub(super) fn new(format: Format, target: Target) -> Result<Self> {
        #[cfg(feature = "parquet")]
        return Ok(Self {
            target,
            parquet: (format == Format::Parquet).then(Default::default),
        });
        #[cfg(not(feature = "parquet"))]
        if format == Format::Parquet {
            let message = "this `qonduit` was built without Parquet; build it with \
                           `cargo build --release --features parquet`, or choose `--format csv`";
            Err(Failure::new(Exit::Usage, message))
        } else {
            Ok(Self { target })
        }
    }

    pub(super) fn write(&mut self, bytes: &[u8]) -> Result {
        #[cfg(feature = "parquet")]
        if let Some(encoder) = &mut self.parquet {
            let ready = encoder.push(bytes).map_err(unencoded)?;
            return self.target.write(&ready);
        }
        self.target.write(bytes)
    }

    pub(super) fn finish(mut self, manifest: &Manifest) -> Result {
        self.write_rest()?;
        self.target.finish(manifest)
    }

    #[cfg(feature = "parquet")]
    fn write_rest(&mut self) -> Result {
        let Some(encoder) = &mut self.parquet else {
            return Ok(());
        };
        let rest = encoder.finish().map_err(unencoded)?;
        self.target.write(&rest)
    }

    #[cfg(not(feature = "parquet"))]
    fn write_rest(&mut self) -> Result {
        Ok(())
    }
}

/// The rows come from the component, so nobody but us is to blame.
#[cfg(feature = "parquet")]
fn unencoded(error: parquet::errors::ParquetError) -> crate::cli::failure::Failure {
    crate::cli::failure::Failure::sentence(
        crate::cli::exit::Exit::Bug,
        format!("the export cannot be made Parquet: {error}"),
    )
}

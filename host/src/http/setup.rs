//! The HTTP client as every call uses it: which certificates it trusts, and what it never does.

use std::{fs, path::Path};

use super::{Cause, HttpError, PRODUCT, Result};
use crate::config::HttpOptions;

/// A client that follows nothing, repeats nothing and knows no account.
pub(super) fn plain(ca_file: Option<&Path>, options: &HttpOptions) -> Result<reqwest::Client> {
    // Fails only when another part of the process was first, which serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    reqwest::Client::builder()
        .user_agent(PRODUCT)
        .redirect(reqwest::redirect::Policy::none())
        .retry(reqwest::retry::never())
        .connect_timeout(options.connect_timeout)
        .tls_certs_merge(ca_file.map_or(Ok(Vec::new()), certificates)?)
        .build()
        .map_err(|error| HttpError::Setup(error.into()))
}

fn certificates(file: &Path) -> Result<Vec<reqwest::Certificate>> {
    let unusable = |source: Cause| HttpError::CaFile {
        file: file.to_owned(),
        source,
    };
    let pem = fs::read(file).map_err(|error| unusable(error.into()))?;
    let found =
        reqwest::Certificate::from_pem_bundle(&pem).map_err(|error| unusable(error.into()))?;
    if found.is_empty() {
        return Err(unusable("there is no certificate in it".into()));
    }
    Ok(found)
}

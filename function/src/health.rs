//! `GET /` and `GET /v1/health`: what answers here.

use crate::{
    word::DATASETS,
    world::{Answer, Gone},
};

/// Says which version this is, of which contract, and what it reads and writes.
pub fn health(answer: &mut dyn Answer) -> Result<(), Gone> {
    let datasets: Vec<_> = DATASETS.iter().map(|(name, _)| *name).collect();
    let body = serde_json::json!({
        "name": "qonduit",
        "version": env!("CARGO_PKG_VERSION"),
        "contract": CONTRACT,
        "datasets": datasets,
        "formats": crate::render::FORMATS.map(|(name, _)| name),
    });
    send_json(answer, &body)
}

/// Sends a document as the whole answer.
pub(crate) fn send_json(answer: &mut dyn Answer, body: &serde_json::Value) -> Result<(), Gone> {
    let body = body.to_string();
    let length = body.len().to_string();
    answer.begin(
        200,
        &[
            ("content-type", "application/json"),
            ("content-length", &length),
        ],
    )?;
    answer.write(body.as_bytes())?;
    answer.finish(&[])
}

/// The package in `wit/`.
pub const CONTRACT: &str = "qonduit:connector@0.1.0";

#[cfg(test)]
mod tests {
    #[test]
    fn the_contract_is_the_one_in_the_folder() {
        let world = include_str!("../../wit/world.wit");
        assert!(world.contains(&format!("package {};", super::CONTRACT)));
    }
}

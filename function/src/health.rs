//! `GET /` and `GET /v1/health`: what answers here.

use crate::world::{Answer, Gone};

/// Says which version this is, of which contract, and what it reads and writes.
pub fn health(answer: &mut (impl Answer + ?Sized)) -> Result<(), Gone> {
    send_json(answer, DOCUMENT)
}

/// Sends a document as the whole answer.
pub(crate) fn send_json(answer: &mut (impl Answer + ?Sized), body: &str) -> Result<(), Gone> {
    let length = body.len().to_string();
    let headers = [
        ("content-type", "application/json"),
        ("content-length", &*length),
    ];
    answer.send(200, &headers, body.as_bytes())
}

/// Ready made, as platforms ask for it all the time.
const DOCUMENT: &str = concat!(
    r#"{"name":"qonduit","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#"","contract":"qonduit:connector@0.1.0","#,
    r#""datasets":["host-ids","hosts","detections","knowledge-base","asset-groups","tags","#,
    r#""changed-host-ids","host-assets","asset-view","web-apps","web-app-findings","cve-scores"],"#,
    r#""formats":["ndjson","csv","ocsf","ecs"]}"#,
);

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::DOCUMENT;
    use crate::{render::FORMATS, word::DATASETS};

    #[test]
    fn the_document_names_all_that_is_there() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let datasets: Vec<_> = DATASETS.iter().map(|(name, _)| *name).collect();
        assert_eq!(document["datasets"], json!(datasets));
        assert_eq!(
            document["formats"],
            json!(FORMATS.map(|(name, _)| name).to_vec())
        );
    }

    #[test]
    fn the_contract_is_the_one_in_the_folder() {
        let document: Value = serde_json::from_str(DOCUMENT).unwrap();
        let world = include_str!("../../wit/world.wit");
        let contract = document["contract"].as_str().unwrap();
        assert!(world.contains(&format!("package {contract};")));
    }
}

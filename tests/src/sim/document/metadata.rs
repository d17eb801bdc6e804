//! What a cloud provider knows about a host: provider, `METADATA` and tags.

use super::xml::{Xml, leaf};
use crate::sim::world::host::{Cloud, Host};

pub(crate) fn write_provider(xml: &mut Xml, host: &Host) {
    let (provider, service) = match host.cloud() {
        Some(Cloud::Aws) => ("AWS", "EC2"),
        Some(Cloud::Azure) => ("Azure", "VM"),
        Some(Cloud::Google) => ("GCP", "Compute Engine"),
        None => return,
    };
    leaf!(xml, "        ", "CLOUD_PROVIDER", raw(provider));
    leaf!(xml, "        ", "CLOUD_SERVICE", raw(service));
    leaf!(
        xml,
        "        ",
        "CLOUD_RESOURCE_ID",
        cdata(&host.instance_id())
    );
    if provider == "AWS" {
        leaf!(
            xml,
            "        ",
            "EC2_INSTANCE_ID",
            cdata(&host.instance_id())
        );
    }
}

pub(crate) fn write_attributes(xml: &mut Xml, host: &Host) {
    let Some(cloud) = host.cloud() else { return };
    let id = host.instance_id();
    let millis = (host.first_found.0 * 1_000).to_string();
    let ip = host.ipv4().unwrap_or_default();
    let (element, attributes): (_, &[(&str, &str)]) = match cloud {
        Cloud::Aws => (
            "EC2",
            &[
                ("firstDiscovered", &millis),
                ("instanceState", "RUNNING"),
                ("keyName", ""),
                (
                    "latest/dynamic/instance-identity/document/accountId",
                    "123456789012",
                ),
                ("latest/dynamic/instance-identity/document/instanceId", &id),
                ("latest/dynamic/instance-identity/document/privateIp", &ip),
                (
                    "latest/dynamic/instance-identity/document/region",
                    "eu-central-1",
                ),
                ("latest/meta-data/public-ipv4", "null"),
            ],
        ),
        Cloud::Azure => (
            "AZURE",
            &[
                ("vmId", &id),
                ("state", "RUNNING"),
                ("resourceGroupName", "rg-büro"),
                ("location", "westeurope"),
                ("privateIpAddress", &ip),
            ],
        ),
        Cloud::Google => (
            "GOOGLE",
            &[
                ("instanceId", &id),
                ("state", "RUNNING"),
                ("projectId", "sim-project"),
                ("zone", "europe-west3-a"),
            ],
        ),
    };
    xml.raw(&format!("        <METADATA>\n          <{element}>\n"));
    for (name, value) in attributes {
        xml.raw("            <ATTRIBUTE>\n");
        leaf!(xml, "              ", "NAME", cdata(name));
        leaf!(xml, "              ", "LAST_STATUS", raw("Success"));
        leaf!(xml, "              ", "VALUE", cdata(value));
        leaf!(
            xml,
            "              ",
            "LAST_SUCCESS_DATE",
            time(host.last_scanned)
        );
        // Dates may be there and empty, and the text of an old error may stand beside success.
        xml.raw("              <LAST_ERROR_DATE></LAST_ERROR_DATE>\n");
        if value.is_empty() {
            leaf!(
                xml,
                "              ",
                "LAST_ERROR",
                cdata("*   Trying 169.254.169.254... 404 - Not Found")
            );
        }
        xml.raw("            </ATTRIBUTE>\n");
    }
    xml.raw(&format!("          </{element}>\n        </METADATA>\n"));
}

pub(crate) fn write_cloud_tags(xml: &mut Xml, host: &Host) {
    if host.cloud().is_none() {
        return;
    }
    xml.raw("        <CLOUD_PROVIDER_TAGS>\n");
    for (name, value) in [
        ("Name", host.hostname().as_str()),
        ("cost centre", "4711 & 4712"),
    ] {
        xml.raw("          <CLOUD_TAG>\n");
        leaf!(xml, "            ", "NAME", cdata(name));
        leaf!(xml, "            ", "VALUE", cdata(value));
        leaf!(
            xml,
            "            ",
            "LAST_SUCCESS_DATE",
            time(host.last_scanned)
        );
        xml.raw("          </CLOUD_TAG>\n");
    }
    xml.raw("        </CLOUD_PROVIDER_TAGS>\n");
}

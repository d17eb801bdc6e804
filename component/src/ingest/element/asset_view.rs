//! The places in a list of assets of Global AssetView: from names to what they stand for.

use super::Element::{self, *};

/// What stands around the assets. Its last four are those of an error.
pub(super) const FRAME: &[(&str, Element)] = &[
    ("responseMessage", PortalMessage),
    ("count", Unknown),
    ("responseCode", PortalCode),
    ("lastSeenAssetId", PortalLastId),
    ("hasMore", PortalHasMore),
    ("assetListData", Portal),
    ("asset", ViewAsset),
    ("message", PortalMessage),
    ("errorMessage", PortalMessage),
    ("error", PortalMessage),
    ("error_description", PortalMessage),
];

/// The children of the places below the frame.
pub(super) fn children(element: Element) -> &'static [(&'static str, Element)] {
    match element {
        ViewAsset => &[
            ("assetId", ViewAssetId),
            ("hostId", ViewHostId),
            ("openPortListData", ViewList),
            ("softwareListData", ViewList),
            ("networkInterfaceListData", ViewList),
            ("hwUUID", ViewHardwareId),
            ("biosSerialNumber", ViewHardwareId),
        ],
        ViewList => &[
            ("software", ViewProduct),
            ("openPort", ViewPort),
            ("networkInterface", ViewInterface),
        ],
        ViewInterface => &[("macAddress", ViewMac)],
        ViewProduct => &[
            ("fullName", ViewFullName),
            ("isIgnored", ViewIsIgnored),
            ("category", ViewCategory),
            ("productName", ViewProductName),
            ("publisher", ViewPublisher),
            ("version", ViewVersion),
            ("installDate", ViewInstallDate),
            ("isPackage", ViewIsPackage),
            ("lifecycle", ViewLifecycle),
            ("discoveredName", ViewDiscoveredName),
        ],
        ViewLifecycle => &[("eolDate", ViewEndOfLife)],
        ViewPort => &[
            ("port", ViewPortNumber),
            ("detectedService", ViewService),
            ("protocol", ViewProtocol),
        ],
        _ => &[],
    }
}

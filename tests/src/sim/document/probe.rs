//! The cheap answers by which a client finds out whom it talks to and what it may see.

pub(crate) const ABOUT: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n",
    "<!DOCTYPE ABOUT SYSTEM \"https://qualysapi.p01.eng.sim.invalid/about.dtd\">\n",
    "<ABOUT>\n  <API-VERSION MAJOR=\"1\" MINOR=\"4\" />\n  <WEB-VERSION>10.40.1.0-1</WEB-VERSION>\n",
    "  <SCANNER-VERSION>13.1.2-1</SCANNER-VERSION>\n  <VULNSIGS-VERSION>2.6.310-2</VULNSIGS-VERSION>\n",
    "</ABOUT>\n",
);

pub(crate) const PORTAL_VERSION: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServiceResponse>\n",
    "  <responseCode>SUCCESS</responseCode>\n  <count>1</count>\n  <data>\n    <Portal-Version>\n",
    "      <PortalApplication-VERSION>3.19.0.0-1 SIMULATED #1</PortalApplication-VERSION>\n",
    "      <QWEB__VM-VERSION>2.19.0</QWEB__VM-VERSION>\n    </Portal-Version>\n    <QWeb-Version>\n",
    "      <WEB-VERSION>10.40.1.0-1</WEB-VERSION>\n    </QWeb-Version>\n  </data>\n</ServiceResponse>\n",
);

pub(crate) const INVALID_CREDENTIALS: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServiceResponse>\n",
    "  <responseCode>INVALID_CREDENTIALS</responseCode>\n  <responseErrorDetails>\n",
    "    <errorMessage>Authentication failed</errorMessage>\n",
    "    <errorResolution>Verify both, user and password credentials.</errorResolution>\n",
    "  </responseErrorDetails>\n</ServiceResponse>\n",
);

pub(crate) const NOT_LICENSED: &str = concat!(
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServiceResponse>\n",
    "  <responseCode>NOT_LICENSED</responseCode>\n  <responseErrorDetails>\n",
    "    <errorMessage>The module is not part of the subscription.</errorMessage>\n",
    "  </responseErrorDetails>\n</ServiceResponse>\n",
);

/// A search that the portal does not understand.
pub(crate) fn invalid_request(why: &str) -> String {
    let why = why.replace(['&', '<', '>'], " ");
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServiceResponse>\n  <responseCode>INVALID_REQUEST</responseCode>\n  <responseErrorDetails>\n    <errorMessage>{why}</errorMessage>\n  </responseErrorDetails>\n</ServiceResponse>\n"
    )
}

pub(crate) const NOT_FOUND: &str = concat!(
    "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n<title>404 Not Found</title>\n",
    "</head><body>\n<h1>Not Found</h1>\n<p>The requested URL was not found on this server.</p>\n",
    "</body></html>\n",
);

pub(crate) const TOO_LONG: &str = concat!(
    "<!DOCTYPE HTML PUBLIC \"-//IETF//DTD HTML 2.0//EN\">\n<html><head>\n",
    "<title>414 Request-URI Too Long</title>\n</head><body>\n<h1>Request-URI Too Long</h1>\n",
    "<p>The requested URL's length exceeds the capacity\nlimit for this server.<br />\n</p>\n",
    "</body></html>\n",
);

/// What the server of the user interface says to an API call.
pub(crate) const LOGIN_PAGE: &str = concat!(
    "<!DOCTYPE html>\n<html lang=\"en\">\n<head><title>Login</title></head>\n<body>\n",
    "<form action=\"/fo/login.php\" method=\"post\">\n",
    "<input name=\"UserLogin\"><input type=\"password\" name=\"UserPasswd\">\n",
    "<button>Log in</button>\n</form>\n</body>\n</html>\n",
);

pub(crate) const MAINTENANCE: &str = "<html><body><p>We are performing scheduled maintenance. Please try again later.</p></body></html>\n";

/// Users with roles and tag scope; the account itself sees everything, its colleague does not.
pub(crate) fn users(username: &str) -> String {
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<ServiceResponse>\n  <responseCode>SUCCESS</responseCode>\n  <count>2</count>\n  <hasMoreRecords>false</hasMoreRecords>\n  <data>\n    <User>\n      <id>103448</id>\n      <username>{username}</username>\n      <roleList>\n        <list>\n          <RoleData>\n            <id>1</id>\n            <name>MANAGER</name>\n          </RoleData>\n        </list>\n      </roleList>\n      <scopeTags>\n        <list/>\n      </scopeTags>\n    </User>\n    <User>\n      <id>103449</id>\n      <username>sim-reader</username>\n      <roleList>\n        <list>\n          <RoleData>\n            <id>4</id>\n            <name>READER</name>\n          </RoleData>\n        </list>\n      </roleList>\n      <scopeTags>\n        <list>\n          <TagData>\n            <id>7651010</id>\n            <name>lab</name>\n          </TagData>\n        </list>\n      </scopeTags>\n    </User>\n  </data>\n</ServiceResponse>\n"
    )
}

/// The activity log is CSV even when all else is XML.
pub(crate) fn activity_log(now: &str) -> String {
    format!(
        "----BEGIN_RESPONSE_BODY_CSV\n\"Date\",\"Action\",\"Module\",\"Details\",\"User Name\",\"User Role\",\"User IP\"\n\"{now}\",\"login\",\"auth\",\"user_logged in\",\"sim-user\",\"Manager\",\"127.0.0.1\"\n----END_RESPONSE_BODY_CSV\n"
    )
}

//! Role and scope of one user, out of the portal's list of users.
//!
//! Takes what it needs out of the text: a document that looks otherwise gives no user, never a
//! wrong one.

/// As far as the list tells.
#[derive(Debug, PartialEq)]
pub(super) struct User {
    pub(super) roles: Vec<String>,
    /// Tags that the user is limited to; empty without such a limit.
    pub(super) tags: Vec<String>,
}

pub(super) fn find(list: &str, username: &str) -> Option<User> {
    let users = elements(list, "User");
    let is_it = |user: &&str| {
        let name = elements(user, "username").into_iter().next().map(unescaped);
        name.is_some_and(|name| name.eq_ignore_ascii_case(username))
    };
    let user = users.into_iter().find(is_it)?;
    Some(User {
        roles: names(user, "roleList"),
        tags: names(user, "scopeTags"),
    })
}

fn names(user: &str, list: &str) -> Vec<String> {
    let lists = elements(user, list);
    lists
        .into_iter()
        .flat_map(|list| elements(list, "name"))
        .map(unescaped)
        .collect()
}

/// What stands between the tags of each element of that name.
fn elements<'a>(text: &'a str, name: &str) -> Vec<&'a str> {
    let (start, end) = (format!("<{name}>"), format!("</{name}>"));
    let parts = text.split(start.as_str()).skip(1);
    parts
        .filter_map(|part| part.split_once(end.as_str()).map(|(inner, _)| inner))
        .collect()
}

fn unescaped(text: &str) -> String {
    let text = text.trim();
    let text = text
        .strip_prefix("<![CDATA[")
        .and_then(|it| it.strip_suffix("]]>"))
        .unwrap_or(text);
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIST: &str = "<ServiceResponse><data>
        <User><id>1</id><username>acme_ab</username>
          <roleList><list><RoleData><id>1</id><name>MANAGER</name></RoleData></list></roleList>
          <scopeTags><list/></scopeTags></User>
        <User><id>2</id><username><![CDATA[acme_cd]]></username>
          <roleList><list><RoleData><name>READER</name></RoleData></list></roleList>
          <scopeTags><list><TagData><name>R&amp;D</name></TagData></list></scopeTags></User>
        </data></ServiceResponse>";

    #[test]
    fn a_user_is_found_with_role_and_scope() {
        let user = find(LIST, "ACME_AB").expect("is there");
        assert_eq!(
            user,
            User {
                roles: vec!["MANAGER".to_owned()],
                tags: vec![]
            }
        );
        let user = find(LIST, "acme_cd").expect("is there");
        assert_eq!(
            user,
            User {
                roles: vec!["READER".to_owned()],
                tags: vec!["R&D".to_owned()]
            }
        );
    }

    #[test]
    fn another_document_has_no_user() {
        assert_eq!(find(LIST, "acme_ef"), None);
        assert_eq!(find("<html>", "acme_ab"), None);
        assert_eq!(find("<User><username>acme_ab", "acme_ab"), None);
    }
}

//! `qonduit show`: all of one asset, QID or finding.

use clap::Args;

use super::{
    args::{Common, Database, Output},
    assets::named,
    block::Block,
    exit::Exit,
    failure::{Failure, Result},
    findings::{self, Of},
    inventory,
    screen::{Screen, hint_line},
    software,
};
use crate::{
    guest::{Guest, types::Qid},
    store::{
        AssetDetail, AssetInventory, Attributes, FindingId, FindingQuery, FindingSort, Query,
        Reader, RecordRow,
    },
};

mod asset;
mod finding;
mod records;
mod risk;
mod subject;
mod vulnerability;

use risk::Risk;
use subject::{Subject, subject};

#[derive(Args, Debug)]
pub(super) struct Show {
    /// Name or address of an asset, or a number: a QID if the inventory knows it as one, else the
    /// number of a host or a web application in Qualys. `QID-38173` is always a QID
    #[arg(value_name = "ASSET|QID")]
    subject: String,
    /// Takes the number as a QID
    #[arg(long, group = "kind", help_heading = "What the number is")]
    qid: bool,
    /// Takes the number as that of a host in Qualys
    #[arg(long, group = "kind", help_heading = "What the number is")]
    host: bool,
    /// Takes the number as that of a web application in Qualys
    #[arg(long, group = "kind", help_heading = "What the number is")]
    web_app: bool,
    /// Takes the number as that of a finding, which `qonduit findings` shows
    #[arg(long, group = "kind", help_heading = "What the number is")]
    finding: bool,
    /// Takes the number as that of an asset in the inventory
    #[arg(long, group = "kind", help_heading = "What the number is")]
    asset: bool,
    #[command(flatten)]
    database: Database,
    #[command(flatten)]
    output: Output,
}

pub(super) fn run(common: &Common, args: &Show) -> Result<Exit> {
    let subject = subject(args)?;
    let reader = inventory::open(common, &args.database)?;
    let mut screen = Screen::standard();
    match subject {
        Subject::Qid(qid) => show_qid(&mut screen, &*reader, args.output, qid)?,
        Subject::Finding(finding) => show_finding(&mut screen, &*reader, args.output, finding)?,
        Subject::Asset(number) => {
            let assets = reader.asset(number)?.into_iter().collect();
            show_assets(&mut screen, &*reader, args.output, assets, || {
                format!("no asset has the number {number}; `qonduit assets --json` tells them")
            })?;
        }
        Subject::Host(host) => {
            let assets = reader.assets_by_host(host)?;
            show_assets(&mut screen, &*reader, args.output, assets, || {
                format!("no host has the number {host}; `qonduit assets` lists them")
            })?;
        }
        Subject::WebApp(number) => {
            let assets = reader.assets_by_web_app(number)?;
            show_assets(&mut screen, &*reader, args.output, assets, || {
                format!(
                    "no web application has the number {number}; \
                     `qonduit assets --kind web-application` lists them"
                )
            })?;
        }
        Subject::Number(number) => show_number(&mut screen, &*reader, args.output, number)?,
        Subject::Name(name) => {
            let mut assets = reader.assets_by_name(&name)?;
            if assets.is_empty() {
                assets = by_address(&*reader, &name)?;
            }
            show_assets(&mut screen, &*reader, args.output, assets, || {
                format!(
                    "no asset has the name or address `{name}`; \
                     `qonduit assets --where 'name:{name}'` finds parts of names"
                )
            })?;
        }
    }
    screen.flush()?;
    Ok(Exit::Ok)
}

/// Says what was taken when the number could be either.
fn show_number(screen: &mut Screen, reader: &dyn Reader, output: Output, number: u64) -> Result {
    let mut assets = reader.assets_by_host(number)?;
    assets.extend(reader.assets_by_web_app(number)?);
    let qid = Qid::try_from(number).ok();
    let is_qid = match qid {
        Some(qid) => reader.vulnerability(qid)?.is_some(),
        None => false,
    };
    match (qid.filter(|_| is_qid), assets.is_empty()) {
        (Some(qid), false) => {
            hint_line(
                "note",
                &format!(
                    "{qid} is a QID and the number of an asset; `--host` or `--web-app` shows that"
                ),
            );
            show_qid(screen, reader, output, qid)
        }
        (Some(qid), true) => show_qid(screen, reader, output, qid),
        (None, _) => show_assets(screen, reader, output, assets, || {
            format!(
                "neither a QID nor an asset has the number {number}; run `qonduit sync` if it is new"
            )
        }),
    }
}

fn show_qid(screen: &mut Screen, reader: &dyn Reader, output: Output, qid: Qid) -> Result {
    let Some(row) = reader.vulnerability(qid)? else {
        let message = format!("the inventory knows no QID {qid}; run `qonduit sync` if it is new");
        return Err(Failure::new(Exit::Usage, message));
    };
    if output.json {
        return screen.json(&vulnerability::WithHtml::of(&row));
    }
    let affected = reader.findings(&FindingQuery {
        qid: Some(qid),
        sort: FindingSort::LastFound,
        limit: SHOWN,
        ..FindingQuery::default()
    })?;
    screen.print(&vulnerability::text(&row, screen.width, screen.look.now))?;
    if !affected.rows.is_empty() {
        screen.print("\n")?;
        screen.table(findings::table(&affected.rows, Of::OneQid, screen.look))?;
    }
    if affected.next.is_some() {
        screen.hint(&format!("`qonduit findings --qid {qid}` lists all of them"))?;
    }
    match &row.entry {
        Some(entry) => screen.print(&attributes(&entry.attributes, screen.width)),
        None => Ok(()),
    }
}

fn show_finding(screen: &mut Screen, reader: &dyn Reader, output: Output, id: FindingId) -> Result {
    let Some(detail) = reader.finding(id)? else {
        let message = format!("there is no finding {id}; `qonduit findings --all` lists them");
        return Err(Failure::new(Exit::Usage, message));
    };
    if output.json {
        return screen.json(&finding::WithHtml::of(&detail));
    }
    screen.print(&finding::text(&detail, screen.width, screen.look.now))
}

fn show_assets(
    screen: &mut Screen,
    reader: &dyn Reader,
    output: Output,
    found: Vec<AssetDetail>,
    missing: impl FnOnce() -> String,
) -> Result {
    if output.json && !found.is_empty() {
        let mut rules = Guest::embedded()?.instantiate()?;
        for asset in &found {
            let risk = Risk::of(reader, &mut rules, asset)?;
            let inventory = reader.inventory(asset.asset.asset_id)?;
            let records = reader.records(asset.asset.asset_id)?;
            screen.json(&Whole {
                asset,
                risk,
                inventory,
                records,
            })?;
        }
    }
    match found.as_slice() {
        [] => Err(Failure::new(Exit::Usage, missing())),
        _ if output.json => Ok(()),
        [one] => show_asset(screen, reader, one),
        several => {
            for found in several {
                let asset = &found.asset;
                let line = format!("asset {:<11} {}", asset.asset_id, named(asset));
                screen.print(&(super::text::line(&line) + "\n"))?;
            }
            screen.hint("several assets match; `qonduit show --asset NUMBER` shows one of them")
        }
    }
}

/// An asset with what follows from it, its software and its ports.
#[derive(serde::Serialize)]
struct Whole<'a> {
    #[serde(flatten)]
    asset: &'a AssetDetail,
    risk: Risk,
    #[serde(flatten)]
    inventory: AssetInventory,
    records: Vec<RecordRow>,
}

fn show_asset(screen: &mut Screen, reader: &dyn Reader, detail: &AssetDetail) -> Result {
    screen.print(&asset::text(detail, screen.width, screen.look.now))?;
    screen.print("\n")?;
    let mut rules = Guest::embedded()?.instantiate()?;
    screen.print(&Risk::of(reader, &mut rules, detail)?.text(screen.width))?;
    let open = reader.findings(&FindingQuery {
        asset: Some(detail.asset.asset_id),
        sort: FindingSort::Severity,
        limit: SHOWN,
        ..FindingQuery::default()
    })?;
    if !open.rows.is_empty() {
        screen.print("\n")?;
        screen.table(findings::table(&open.rows, Of::OneAsset, screen.look))?;
    }
    if open.next.is_some() {
        let all = match detail.asset.host_id {
            Some(host) => format!("--where host_id:={host}"),
            None => format!("--where 'name:={}'", detail.asset.name),
        };
        screen.hint(&format!("`qonduit findings {all}` lists all of them"))?;
    }
    show_inventory(screen, reader, detail)?;
    records::show(screen, reader, detail)
}

/// The first of its software and ports; `--json` has all of them.
fn show_inventory(screen: &mut Screen, reader: &dyn Reader, detail: &AssetDetail) -> Result {
    let AssetInventory { software, ports } = reader.inventory(detail.asset.asset_id)?;
    let most = SHOWN as usize;
    if !ports.is_empty() {
        screen.print("\n")?;
        screen.table(software::ports(&ports[..ports.len().min(most)]))?;
    }
    if !software.is_empty() {
        screen.print("\n")?;
        screen.table(software::of_asset(&software[..software.len().min(most)]))?;
    }
    if software.len().max(ports.len()) > most {
        let asset = detail.asset.asset_id;
        let (n_software, n_ports) = (software.len(), ports.len());
        screen.hint(&format!(
            "`qonduit show --asset {asset} --json` has all of its {n_software} programs and packages \
             and {n_ports} ports"
        ))?;
    }
    Ok(())
}

/// Below everything else, as they may be many and few people look for them. Empty without any.
fn attributes(attributes: &Attributes, width: usize) -> String {
    let pairs = attributes.pairs();
    if pairs.is_empty() {
        return String::new();
    }
    let mut block = Block::new("more that Qualys sent", width);
    for (name, value) in pairs {
        block.field(&name, value);
    }
    format!("\n{}", block.finish())
}

pub(super) fn by_address(reader: &dyn Reader, address: &str) -> Result<Vec<AssetDetail>> {
    use crate::guest::filter::{Comparison, Operator, Term};

    let is_address = address.parse::<std::net::IpAddr>().is_ok();
    if !is_address {
        return Ok(Vec::new());
    }
    let (field, value) = ("ip".to_owned(), address.to_owned());
    let terms = [Term::Compare(Comparison {
        field,
        operator: Operator::Equal,
        value,
    })];
    let listing = reader.assets(&Query {
        terms: &terms,
        ..Query::default()
    })?;
    let details = listing
        .rows
        .iter()
        .filter_map(|row| reader.asset(row.asset_id).transpose());
    Ok(details.collect::<std::result::Result<_, _>>()?)
}

/// Rows below a record.
const SHOWN: u32 = 20;

pub(super) const EXAMPLES: &str = "\
Examples:
  qonduit show web01.example.net        an asset by its name, in any case of letters
  qonduit show 10.0.0.7                 or by its address
  qonduit show 38173                    a QID: what it means, how to fix it, who has it
  qonduit show --host 4294967301        a host by its number in Qualys
  qonduit show --web-app 701            a web application by its number in Qualys
  qonduit show --finding 17             one finding, with results, solution and history";

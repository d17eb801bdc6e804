//! Runs against a Qualys that is a function, with a clock that is a number.

use std::cell::{Cell, RefCell};

use serde_json::{Value, json};

use super::*;
use crate::world::{Broken, Call, Known, NoReply, Reply};

/// Answers calls as it is told, and counts them.
struct Fake<'a> {
    ticks: Cell<u64>,
    calls: RefCell<Vec<Call>>,
    answer: Box<Answers<'a>>,
}

type Answers<'a> = dyn Fn(usize, &Call) -> Said + 'a;

/// What a call is answered with.
enum Said {
    Body(u16, String),
    /// This much, and then nothing more in time, or the connection breaks.
    Stalls(String),
    Breaks(String),
    Nothing,
}

impl World for Fake<'_> {
    fn now(&self) -> i64 {
        START + i64::try_from(self.ticks.get() / 1_000).unwrap()
    }

    fn ticks(&self) -> u64 {
        self.ticks.get()
    }

    fn wait_until(&self, ticks: u64) {
        assert!(ticks > self.ticks.get(), "waits for what has passed");
        self.ticks.set(ticks);
    }

    fn send(&self, call: &Call, until: u64) -> Result<Reply<'_>, NoReply> {
        let n = self.calls.borrow().len();
        self.calls.borrow_mut().push(call.clone());
        self.ticks.set(self.ticks.get() + 1_000);
        let (status, text, end) = match (self.answer)(n, call) {
            Said::Body(status, text) => (status, text, Ok(None)),
            Said::Stalls(text) => (200, text, Err(Broken::TimedOut)),
            Said::Breaks(text) => (200, text, Err(Broken::Cut("reset".to_owned()))),
            Said::Nothing => return Err(NoReply::Unreachable("refused".to_owned())),
        };
        let body = Chunks {
            fake: self,
            until,
            chunks: vec![end, Ok(Some(text.into_bytes()))],
        };
        Ok(Reply {
            status,
            headers: Vec::new(),
            body: Box::new(body),
        })
    }
}

struct Chunks<'a> {
    fake: &'a Fake<'a>,
    until: u64,
    chunks: Vec<Result<Option<Vec<u8>>, Broken>>,
}

impl Input for Chunks<'_> {
    fn read(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        let next = self.chunks.pop().unwrap_or(Ok(None));
        if next == Err(Broken::TimedOut) {
            self.fake.ticks.set(self.until);
        }
        next
    }
}

struct Whole(Option<Vec<u8>>);

impl Input for Whole {
    fn read(&mut self) -> Result<Option<Vec<u8>>, Broken> {
        Ok(self.0.take())
    }
}

#[derive(Default)]
struct Kept {
    status: u16,
    text: Vec<u8>,
    is_finished: bool,
}

impl Answer for Kept {
    fn begin(&mut self, status: u16, _: &[(&str, &str)]) -> Result<(), Gone> {
        assert_eq!(self.status, 0, "an answer begins once");
        self.status = status;
        Ok(())
    }

    fn write(&mut self, bytes: &[u8]) -> Result<(), Gone> {
        self.text.extend_from_slice(bytes);
        Ok(())
    }

    fn finish(&mut self, _: &[(&str, &str)]) -> Result<(), Gone> {
        self.is_finished = true;
        Ok(())
    }

    fn abort(&mut self) {}
}

const START: i64 = 1_795_000_000;
/// `name:sesame`
const BASIC: &str = "Basic bmFtZTpzZXNhbWU=";

/// Sends a request, and returns its lines.
fn ask(fake: &Fake<'_>, more: &Value) -> Vec<Value> {
    let mut document = json!({
        "api": "https://q.example",
        "settings": {"asset_groups": false, "tags": false, "software": false, "web_apps": false},
    });
    let more = more.as_object().unwrap().clone();
    document.as_object_mut().unwrap().extend(more);
    let request = Request {
        method: "POST".to_owned(),
        path: "/v1/sync".to_owned(),
        query: Vec::new(),
        headers: &Known(&[("authorization", BASIC)]),
    };
    let mut answer = Kept::default();
    let mut body = Whole(Some(document.to_string().into_bytes()));
    sync(&request, fake, &mut body, &mut answer).unwrap();
    let text = String::from_utf8(answer.text).unwrap();
    assert!(answer.is_finished, "{text}");
    assert!(
        !text.contains("sesame") && !text.contains("bmFtZTpzZXNhbWU"),
        "{text}"
    );
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}

fn fake<'a>(answer: impl Fn(usize, &Call) -> Said + 'a) -> Fake<'a> {
    Fake {
        ticks: Cell::new(0),
        calls: RefCell::default(),
        answer: Box::new(answer),
    }
}

/// Three hosts, each with one finding of QID 101, and its entry.
fn qualys(call: &Call) -> String {
    let body = String::from_utf8(call.body.clone()).unwrap();
    let ids = crate::query::parse(&body);
    let ids = ids.iter().find(|(name, _)| name == "ids");
    let ids = ids.and_then(|(_, ids)| ids::read(ids)).unwrap_or_default();
    let each = |text: &str| -> String {
        let one = |id: &u64| text.replace("$", &id.to_string());
        ids.iter().map(one).collect()
    };
    let time = "<DATETIME>2026-11-20T08:00:00Z</DATETIME>";
    if call.path.contains("/vm/detection/") {
        let hosts = each(
            "<HOST><ID>$</ID><DETECTION_LIST><DETECTION><UNIQUE_VULN_ID>9$</UNIQUE_VULN_ID>\
             <QID>101</QID><TYPE>Confirmed</TYPE><SEVERITY>3</SEVERITY><STATUS>Active</STATUS>\
             </DETECTION></DETECTION_LIST></HOST>",
        );
        format!(
            "<HOST_LIST_VM_DETECTION_OUTPUT><RESPONSE>{time}<HOST_LIST>{hosts}</HOST_LIST>\
             </RESPONSE></HOST_LIST_VM_DETECTION_OUTPUT>"
        )
    } else if call.path.contains("/knowledge_base/") {
        let entries =
            each("<VULN><QID>$</QID><TITLE>t</TITLE><SEVERITY_LEVEL>3</SEVERITY_LEVEL></VULN>");
        format!(
            "<KNOWLEDGE_BASE_VULN_LIST_OUTPUT><RESPONSE>{time}<VULN_LIST>{entries}</VULN_LIST>\
             </RESPONSE></KNOWLEDGE_BASE_VULN_LIST_OUTPUT>"
        )
    } else if body.contains("details=None") {
        format!(
            "<HOST_LIST_OUTPUT><RESPONSE>{time}<ID_SET><ID_RANGE>1-3</ID_RANGE></ID_SET>\
             </RESPONSE></HOST_LIST_OUTPUT>"
        )
    } else {
        let hosts = each("<HOST><ID>$</ID><IP>192.0.2.$</IP></HOST>");
        format!(
            "<HOST_LIST_OUTPUT><RESPONSE>{time}<HOST_LIST>{hosts}</HOST_LIST></RESPONSE>\
             </HOST_LIST_OUTPUT>"
        )
    }
}

fn of<'a>(lines: &'a [Value], record: &str) -> Vec<&'a Value> {
    lines
        .iter()
        .filter(|line| line["record"] == record)
        .collect()
}

/// Records of complete batches alone, as a caller keeps them.
fn kept(lines: &[Value]) -> Vec<String> {
    let (mut kept, mut batch) = (Vec::new(), Vec::new());
    for line in lines {
        match line["record"].as_str().unwrap() {
            "batch" | "work" => batch.clear(),
            "batch-end" if line["complete"] == true => kept.append(&mut batch),
            "batch-end" => {}
            _ => batch.push(line.to_string()),
        }
    }
    kept.sort();
    kept
}

#[test]
fn a_run_that_fits_the_budget_is_complete() {
    let fake = fake(|_, call| Said::Body(200, qualys(call)));
    let lines = ask(&fake, &json!({}));
    let end = lines.last().unwrap();
    assert_eq!(
        (&end["status"], &end["work"]),
        (&json!("complete"), &Value::Null)
    );
    // Ids, hosts, detections, knowledge base.
    assert_eq!(end["calls"], 4);
    assert_eq!(of(&lines, "host-id").len(), 3);
    assert_eq!(of(&lines, "finding").len(), 3);
    assert_eq!(of(&lines, "vulnerability").len(), 1);
    assert_eq!(end["history"]["watermark"], "2026-11-20T08:00:00Z");
    let calls = fake.calls.borrow();
    assert!(
        calls
            .iter()
            .all(|call| call.is_secure && call.authority == "q.example")
    );
    assert!(
        calls[0]
            .headers
            .contains(&("authorization".to_owned(), BASIC.to_owned()))
    );
}

#[test]
fn requests_of_one_call_each_come_to_the_same_end() {
    let whole = fake(|_, call| Said::Body(200, qualys(call)));
    let undisturbed = kept(&ask(&whole, &json!({})));
    let fake = fake(|_, call| Said::Body(200, qualys(call)));
    let (mut work, mut all) = (Value::Null, Vec::new());
    for n in 1..=5 {
        let lines = ask(&fake, &json!({"work": work, "budget": {"calls": 1}}));
        let end = lines.last().unwrap().clone();
        work = end["work"].clone();
        all.extend(kept(&lines));
        if end["status"] == "complete" {
            assert_eq!(n, 4);
            break;
        }
        assert_eq!(end["status"], "unfinished");
    }
    all.sort();
    assert_eq!(all, undisturbed);
}

#[test]
fn an_outage_in_the_middle_loses_nothing() {
    let whole = fake(|_, call| Said::Body(200, qualys(call)));
    let undisturbed = kept(&ask(&whole, &json!({})));
    // The answer with the detections breaks off behind its first host, and then nobody answers.
    let outage = fake(|n, call| match n {
        0 | 1 => Said::Body(200, qualys(call)),
        2 => {
            let text = qualys(call);
            let end = text.find("</HOST>").unwrap() + 10;
            Said::Breaks(text[..end].to_owned())
        }
        _ => Said::Nothing,
    });
    let lines = ask(&outage, &json!({"budget": {"seconds": 20}}));
    let end = lines.last().unwrap();
    assert_eq!(end["status"], "unfinished");
    assert_eq!(of(&lines, "finding").len(), 1, "was sent, and comes again");
    let ends = of(&lines, "batch-end");
    assert_eq!(
        (&ends[2]["complete"], &ends[2]["fate"]),
        (&json!(false), &json!("again"))
    );
    let again = fake(|_, call| Said::Body(200, qualys(call)));
    again.ticks.set(outage.ticks.get() + 60_000);
    let rest = ask(&again, &json!({"work": end["work"]}));
    assert_eq!(rest.last().unwrap()["status"], "complete");
    let mut all = [kept(&lines), kept(&rest)].concat();
    all.sort();
    assert_eq!(all, undisturbed);
}

#[test]
fn a_call_that_the_budget_cuts_short_is_put_back_as_it_was() {
    let fake = fake(|n, call| match n {
        0 => Said::Body(200, qualys(call)),
        _ => Said::Stalls(qualys(call)[..60].to_owned()),
    });
    let lines = ask(&fake, &json!({"budget": {"seconds": 9}}));
    let end = lines.last().unwrap();
    assert_eq!(end["why"], "the budget of 9 seconds is spent");
    assert_eq!(fake.ticks.get(), 9_000);
    assert_eq!(of(&lines, "batch-end")[1]["fate"], "abandoned");
    let pending = &end["work"]["pending"];
    assert_eq!(pending.as_array().unwrap().len(), 1);
    assert_eq!(
        (&pending[0]["scope"], &pending[0]["attempts"]),
        (&json!("1-3"), &json!(0))
    );
    // With all of the budget for it, it is too large.
    fake.ticks.set(90_000);
    let lines = ask(
        &fake,
        &json!({"work": end["work"], "budget": {"seconds": 9}}),
    );
    let end = lines.last().unwrap();
    assert_eq!(of(&lines, "batch-end")[0]["fate"], "split");
    assert_eq!(end["work"]["pending"].as_array().unwrap().len(), 2);
}

#[test]
fn a_wait_beyond_the_budget_is_not_waited_for() {
    let refusal = "<SIMPLE_RETURN><RESPONSE><DATETIME>2026-11-20T08:00:00Z</DATETIME><CODE>1965\
                   </CODE><TEXT>too many</TEXT><ITEM_LIST><ITEM><KEY>SECONDS_TO_WAIT</KEY>\
                   <VALUE>181</VALUE></ITEM></ITEM_LIST></RESPONSE></SIMPLE_RETURN>";
    let fake = fake(|_, _| Said::Body(409, refusal.to_owned()));
    let lines = ask(&fake, &json!({"budget": {"seconds": 30}}));
    let end = lines.last().unwrap();
    assert_eq!(
        (&end["status"], &end["calls"]),
        (&json!("unfinished"), &json!(1))
    );
    assert_eq!(fake.ticks.get(), 1_000, "nothing was waited for");
    let retry_at = qonduit_component::time::parse(end["retry_at"].as_str().unwrap()).unwrap();
    assert!(
        (START + 181..=START + 184).contains(&retry_at),
        "{retry_at}"
    );
    assert_eq!(end["work"]["pending"].as_array().unwrap().len(), 1);
}

#[test]
fn a_wait_within_the_budget_is_waited_for() {
    let fake = fake(|n, call| match n {
        0 => Said::Nothing,
        _ => Said::Body(200, qualys(call)),
    });
    let settings = json!({"asset_groups": false, "tags": false, "software": false,
                          "web_apps": false, "waits": {"unreachable_secs": 5}});
    let lines = ask(&fake, &json!({"settings": settings}));
    assert_eq!(lines.last().unwrap()["status"], "complete");
    assert_eq!(of(&lines, "batch-end")[0]["fate"], "again");
    assert!(fake.ticks.get() >= 5_000);
}

#[test]
fn refused_credentials_end_the_run_and_keep_its_list() {
    let fake = fake(|_, _| Said::Body(401, "sesame is wrong: bmFtZTpzZXNhbWU=".to_owned()));
    let lines = ask(&fake, &json!({}));
    let end = lines.last().unwrap();
    assert_eq!(
        (&end["status"], &end["failure"]),
        (&json!("failed"), &json!("unauthorized"))
    );
    assert_eq!(end["work"]["pending"].as_array().unwrap().len(), 1);
}

#[test]
fn a_work_list_that_does_not_fit_is_refused() {
    let fake = fake(|_, call| Said::Body(200, qualys(call)));
    let lines = ask(&fake, &json!({"budget": {"calls": 1}}));
    let work = &lines.last().unwrap()["work"];
    let refused = |more: &Value| {
        let lines = ask(&fake, more);
        lines[0]["type"].as_str().unwrap().to_owned()
    };
    let differs = "urn:qonduit:problem:work-differs";
    let other = json!({"work": work, "api": "https://other.example"});
    assert_eq!(refused(&other), differs);
    assert_eq!(refused(&json!({"work": work, "settings": {}})), differs);
    let mut tampered = work.clone();
    tampered["stage"] = "everything".into();
    assert_eq!(
        refused(&json!({"work": tampered})),
        "urn:qonduit:problem:work-unknown"
    );
    fake.ticks.set(2 * 86_400_000);
    assert_eq!(
        refused(&json!({"work": work})),
        "urn:qonduit:problem:work-too-old"
    );
}

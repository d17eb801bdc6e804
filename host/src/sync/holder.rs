//! Who carries out a run: a name for this process that no other one has, and whether the process
//! of such a name is still there. Decides nothing about leases.

use std::fs;

/// Machine, process and when it started, because numbers of processes come again.
pub(crate) fn this_process() -> String {
    let id = std::process::id();
    format!(
        "process {id} on {} ({})",
        machine(),
        started(id).unwrap_or_default()
    )
}

/// Whether the named process ran on this machine and has ended. Of other machines nothing is known.
pub(crate) fn has_ended(holder: &str) -> bool {
    let parts = || {
        let (id, rest) = holder.strip_prefix("process ")?.split_once(" on ")?;
        let (machine, start) = rest.strip_suffix(')')?.rsplit_once(" (")?;
        Some((id.parse::<u32>().ok()?, machine, start))
    };
    parts().is_some_and(|(id, on, start)| {
        on == machine() && !start.is_empty() && started(id).as_deref() != Some(start)
    })
}

fn machine() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").unwrap_or_default();
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    let boot = boot.trim().get(..8).unwrap_or_default().to_owned();
    format!("{}-{boot}", name.trim())
}

/// Field 22 of `/proc/ID/stat`, in ticks since the machine started. The name of the program, in
/// parentheses, may hold blanks.
fn started(id: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{id}/stat")).ok()?;
    let (_, after_name) = stat.rsplit_once(')')?;
    // A process that ended and was not waited for yet is still listed.
    let mut fields = after_name.split_whitespace();
    if fields.next()? == "Z" {
        return None;
    }
    fields.nth(18).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn this_process_has_not_ended() {
        assert!(!has_ended(&this_process()));
    }

    #[test]
    fn a_process_of_the_same_number_and_another_start_is_another_one() {
        let here = this_process();
        let (name, _) = here.rsplit_once(" (").expect("ends in the start");
        assert!(has_ended(&format!("{name} (1)")));
    }

    #[test]
    fn of_another_machine_nothing_is_known() {
        assert!(!has_ended("process 1 on elsewhere-00000000 (1)"));
        assert!(!has_ended("somebody"));
    }
}

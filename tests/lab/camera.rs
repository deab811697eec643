//! The document camera on a real kernel: Debian's V4L2 with the `vivid` driver, which behaves as a webcam of a USB bus does, down
//! to being pulled out while it streams. The program's own camera process opens it through nokhwa.

use std::time::Duration;

use serde_json::Value;

use crate::guest::Guest;

/// A guest without KVM on a busy machine draws, packs and unpacks pictures of eight million pixels.
const PATIENCE: Duration = Duration::from_secs(1500);

/// One webcam, one node, no other inputs; frames in one plane.
const VIVID: &str = "n_devs=1 node_types=0x1 num_inputs=1 input_types=0 multiplanar=1";

/// What is done in the guest. Everything that is judged is said in a line that begins with `LAB `.
const SCRIPT: &str = r#"
T=/lab/village-terminal
until_said() { n=0; until [ $(grep -c "$1" "$2") -ge "$3" ]; do n=$((n+1)); [ $n -gt 1500 ] && echo "LAB never said $1 $3: $(tail -n 5 $2 | tr '\n' ' ')" && return; sleep 0.2; done; }
echo "LAB nodes $(ls /dev | grep '^video' | tr '\n' ' ')"
echo "LAB list $($T camera --json --patience 120 2>&1 | tr '\n' ' ')"
$T camera --watch 3000 --patience 120 --out /tmp/still.jpg --json > /tmp/events 2> /tmp/error &
w=$!
until_said '"still"' /tmp/events 1
echo "LAB file $(wc -c < /tmp/still.jpg) $(head -c 3 /tmp/still.jpg | hexdump -e '1/1 "%02x"')"
# The device is in use: another program is told so.
echo "LAB second $($T camera --watch 20 --patience 120 --json 2>&1 | tr '\n' ' ')"
# Pulled out while it streams.
echo vivid.0 > /sys/bus/platform/drivers/vivid/unbind
until_said '"gone"' /tmp/events 1
echo "LAB pulled $(ls /dev | grep -c '^video')"
echo "LAB absent $($T camera --json --patience 120 2>&1 | tr '\n' ' ')"
echo vivid.0 > /sys/bus/platform/drivers/vivid/bind
until_said '"preview"' /tmp/events 2
echo "LAB events $(cat /tmp/events | tr '\n' ' ') $(cat /tmp/error)"
# A program that is ended leaves nobody who holds the device.
kill $w
wait
n=0; until rmmod vivid 2> /dev/null; do n=$((n+1)); [ $n -gt 150 ] && break; sleep 0.2; done
echo "LAB unloaded $(lsmod | grep -c '^vivid ') $($T camera --json --patience 120 2>&1 | tr '\n' ' ')"
"#;

/// # Errors
/// What went wrong, in a sentence.
pub fn run() -> Result<(), String> {
    let me = std::env::current_exe().map_err(|error| error.to_string())?;
    let programs = me.ancestors().nth(2).ok_or("target/<profile>/deps/<test>")?;
    let mut guest = Guest::new()?;
    guest.module_with("vivid", VIVID)?;
    guest.program(&programs.join("village-terminal"))?;
    let said = guest.run(SCRIPT, PATIENCE)?;
    judge(&said)
}

fn judge(said: &[String]) -> Result<(), String> {
    let line =
        |head: &str| said.iter().find_map(|line| line.strip_prefix(head)).ok_or_else(|| format!("the guest never said: {head}"));
    let wants = |holds: bool, line: &str| if holds { Ok(()) } else { Err(format!("not as it should be: {line}")) };
    let list = line("list ")?;
    let cameras: Value = serde_json::from_str(list).map_err(|error| format!("{list}: {error}"))?;
    let modes = cameras[0]["modes"].as_array().ok_or_else(|| format!("no modes: {list}"))?;
    wants(cameras.as_array().is_some_and(|all| all.len() == 1) && modes.len() >= 4, list)?;
    wants(cameras[0]["name"].as_str().is_some_and(|name| name.contains("vivid")), list)?;
    let file = line("file ")?;
    wants(file.ends_with("ffd8ff"), file)?;
    let second = line("second ")?;
    wants(second.contains("camera_busy") && !second.contains("\"preview\""), second)?;
    let events = line("events ")?;
    let order: Vec<&str> = events
        .split("\"event\":\"")
        .skip(1)
        .filter_map(|rest| rest.split('"').next())
        .filter(|event| *event != "trouble")
        .collect();
    wants(order == ["arrived", "preview", "still", "gone", "arrived", "preview"], events)?;
    let still = &cameras[0]["still"];
    wants(
        events.contains(&format!("\"width\":{}", still["width"])) && events.contains(&format!("\"height\":{}", still["height"])),
        events,
    )?;
    wants(line("pulled ")? == "0", "nodes are left")?;
    wants(line("absent ")?.trim() == "[]", line("absent ")?)?;
    let unloaded = line("unloaded ")?;
    wants(unloaded.trim() == "0 []", unloaded)?;
    println!(
        "a kernel's camera: {} modes, a still of {}x{}, busy for a second program, pulled out and plugged in again",
        modes.len(),
        still["width"],
        still["height"]
    );
    Ok(())
}

//! SDT over USB: a real kernel's USB stack and nusb, with the emulated 0400:C35A on the kernel's
//! virtual host controller, in each scheme of pipes.

use std::path::Path;
use std::time::Duration;

use serde_json::Value;

use crate::guest::Guest;

/// A guest without KVM on a busy machine.
const PATIENCE: Duration = Duration::from_secs(900);
const PIPES: [&str; 3] = ["four", "two", "two-interrupt"];
const PERSONAS: [(&str, &str); 5] = [
    ("li-yangben", "李样本"),
    ("zhang-yangli", "张样例"),
    ("chen-yangben", "陈样本"),
    ("zhengjian-i", "证件样本"),
    ("zhengjian-y", "证件样本"),
];

/// What is done in the guest. Everything that is judged is said in a line that begins with `LAB `.
const SCRIPT: &str = r#"
V=/lab/virtual-card; T=/lab/village-terminal; D=/tmp/reader
mkdir -p $D
until_said() { n=0; until grep -q "$1" "$2"; do n=$((n+1)); [ $n -gt 600 ] && echo "LAB never said $1" && return; sleep 0.2; done; }
insert() { p=$1; shift; $V insert /lab/$p.toml --dir $D "$@"; }
for pipes in four two two-interrupt; do
  : > /tmp/said; $V usb --dir $D --pipes $pipes > /tmp/said 2>&1 &
  until_said ready /tmp/said
  n=0; until [ -e /sys/bus/usb/devices/1-1/bConfigurationValue ]; do n=$((n+1)); [ $n -gt 300 ] && break; sleep 0.2; done
  d=/sys/bus/usb/devices/1-1
  echo "LAB device $pipes $(cat $d/idVendor):$(cat $d/idProduct) endpoints $(cat $d/1-1:1.0/bNumEndpoints) speed $(cat $d/speed)"
  echo "LAB list $pipes $($T card --json --timeout 1 2>&1 | tr '\n' ' ')"
  for p in li-yangben zhang-yangli chen-yangben zhengjian-i zhengjian-y; do
    insert $p
    out=$($T card --reader usb --json --timeout 60 2>/tmp/error); status=$?
    echo "LAB read $pipes $p $status $out$(cat /tmp/error)"
    $V remove --dir $D
  done
  insert li-yangben --fault remove-during-text
  out=$($T card --reader usb --json --timeout 60 2>/tmp/error); status=$?
  echo "LAB lifted $pipes $status $out$(cat /tmp/error)"
  # Unplugged in the middle of a reading and plugged in again, under one watching program.
  : > /tmp/events; $V watch --dir $D > /tmp/events 2>&1 &
  w=$!
  until_said reader_arrived /tmp/events
  insert zhang-yangli --fault slow-during-text:4000
  until_said '"reading"' /tmp/events
  $V service stop --dir $D
  until_said reader_gone /tmp/events
  $V remove --dir $D
  $V service start --dir $D
  insert li-yangben
  until_said '"read"' /tmp/events
  kill $w
  echo "LAB replugged $pipes $(cat /tmp/events | tr '\n' ' ')"
  $V stop --dir $D; wait
done
"#;

/// # Errors
/// What went wrong, in a sentence.
pub fn run() -> Result<(), String> {
    let me = std::env::current_exe().map_err(|error| error.to_string())?;
    let programs = me.ancestors().nth(2).ok_or("target/<profile>/deps/<test>")?;
    let mut guest = Guest::new()?;
    guest.module("vhci-hcd")?;
    for program in ["virtual-card", "village-terminal"] {
        guest.program(&programs.join(program))?;
    }
    let personas = Path::new(env!("CARGO_MANIFEST_DIR")).join("../assets/demo/personas");
    for (persona, _) in PERSONAS {
        let name = format!("{persona}.toml");
        let bytes = std::fs::read(personas.join(&name)).map_err(|error| format!("{name}: {error}"))?;
        guest.file(&name, &bytes);
    }
    let said = guest.run(SCRIPT, PATIENCE)?;
    judge(&said)?;
    println!("SDT over USB: {} schemes of pipes, {} cards read, none mixed", PIPES.len(), PIPES.len() * (PERSONAS.len() + 1));
    Ok(())
}

fn judge(said: &[String]) -> Result<(), String> {
    let line = |head: String| {
        said.iter().find_map(|line| line.strip_prefix(&head)).ok_or_else(|| format!("the guest never said: {head}"))
    };
    for (pipes, endpoints) in PIPES.into_iter().zip(["04", "02", "02"]) {
        let device = line(format!("device {pipes} "))?;
        wants(device == format!("0400:c35a endpoints {endpoints} speed 12"), device)?;
        for (persona, name) in PERSONAS {
            let read = line(format!("read {pipes} {persona} "))?;
            let card: Value = read.strip_prefix("0 ").and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
            wants(card["name"] == name, read)?;
            // The whole block arrived: what stands near its end is right too.
            wants(card["valid_until"].is_string(), read)?;
            wants((card["new_address"] == "某省某市样本县样本镇石榴村2组3号") == (persona == "zhang-yangli"), read)?;
        }
        let lifted = line(format!("lifted {pipes} "))?;
        wants(lifted.starts_with("2 ") && lifted.contains("card_") && !lifted.contains("样本"), lifted)?;
        let replugged = line(format!("replugged {pipes} "))?;
        let gone = replugged.find("\"event\":\"reader_gone\"").ok_or("no reader_gone")?;
        wants(!replugged[..gone].contains("\"read\"") && replugged[..gone].contains("failed"), replugged)?;
        wants(replugged[gone..].contains("李样本") && !replugged.contains("张样例"), replugged)?;
    }
    Ok(())
}

fn wants(true_: bool, line: &str) -> Result<(), String> {
    if true_ { Ok(()) } else { Err(format!("not as it should be: {line}")) }
}

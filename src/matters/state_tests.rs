use std::collections::BTreeSet;

use super::{Need, Paper, Running, STEPS, State, Verb};
use crate::{Role, state::Actor};

const ACTORS: [Actor; 6] = [
    Actor::Person(Role::Agent),
    Actor::Person(Role::Clerk),
    Actor::Person(Role::Reviewer),
    Actor::Person(Role::Administrator),
    Actor::Person(Role::Auditor),
    Actor::Clock,
];

/// The machine written a second time, as a grid: rows are states, columns are verbs, a letter is
/// the state it leads to and `.` is a refusal. Verbs in the order of `Verb::ALL`:
/// accept, ask, supplement, refuse acceptance, deem, forward, start, end, extend, grant, refuse,
/// deliver, withdraw, terminate, void.
const GRID: [(State, &str); 13] = [
    (State::Received, "AI.NA.......W.V"),
    (State::InCorrection, "..C.........WTV"),
    (State::Corrected, "AI.NA.......W.V"),
    (State::Accepted, ".....FS.AGR.W.V"),
    (State::SpecialProcedure, ".......A....W.V"),
    (State::Forwarded, "......S.FGR.W.V"),
    (State::NotAccepted, "..............."),
    (State::Granted, "...........D..."),
    (State::Refused, "...........D..."),
    (State::Delivered, "..............."),
    (State::Withdrawn, "..............."),
    (State::Terminated, "..............."),
    (State::Voided, "..............."),
];

fn letter(state: State) -> char {
    match state {
        State::Received => 'E',
        State::InCorrection => 'I',
        State::Corrected => 'C',
        State::Accepted => 'A',
        State::SpecialProcedure => 'S',
        State::Forwarded => 'F',
        State::NotAccepted => 'N',
        State::Granted => 'G',
        State::Refused => 'R',
        State::Delivered => 'D',
        State::Withdrawn => 'W',
        State::Terminated => 'T',
        State::Voided => 'V',
    }
}

#[test]
fn every_state_and_verb_and_actor_does_what_the_grid_says() {
    assert_eq!(GRID.map(|(state, _)| state), State::ALL);
    for (state, row) in GRID {
        assert_eq!(row.len(), Verb::ALL.len());
        for (verb, expected) in Verb::ALL.into_iter().zip(row.chars()) {
            let mut reached = 0;
            for actor in ACTORS {
                match state.next(verb, actor) {
                    Ok(to) => {
                        reached += 1;
                        assert_eq!(letter(to), expected, "{state:?} {verb:?}");
                        assert!(state.allows().any(|v| v == verb));
                        assert!(state.allows_to(actor).any(|v| v == verb));
                    }
                    Err(forbidden) => {
                        assert!(!state.allows_to(actor).any(|v| v == verb));
                        let code = match expected {
                            '.' if !row.contains(|c| c != '.') => "case_closed",
                            '.' => "step_not_possible",
                            _ => "not_your_role",
                        };
                        assert_eq!((forbidden.code, forbidden.state, forbidden.verb), (code, state, verb));
                    }
                }
            }
            assert_eq!(reached > 0, expected != '.', "{state:?} {verb:?}: somebody may do it, or nobody can");
        }
    }
}

#[test]
fn no_step_stands_twice_and_every_state_can_be_reached_and_left_or_is_an_end() {
    let pairs: BTreeSet<_> = STEPS.iter().map(|step| (step.from, step.verb)).collect();
    assert_eq!(pairs.len(), STEPS.len());
    let mut reached = BTreeSet::from([State::Received]);
    for _ in 0..State::ALL.len() {
        let more: Vec<State> = STEPS.iter().filter(|s| reached.contains(&s.from)).map(|s| s.to).collect();
        reached.extend(more);
    }
    assert_eq!(reached.len(), State::ALL.len());
    let ends: Vec<State> = State::ALL.into_iter().filter(|s| s.closed()).collect();
    assert_eq!(ends, [State::NotAccepted, State::Delivered, State::Withdrawn, State::Terminated, State::Voided]);
    for state in State::ALL {
        assert_eq!(state.closed(), state.running() == Running::Ended, "{state:?}");
    }
}

#[test]
fn only_the_clock_deems_and_nobody_who_audits_acts() {
    for step in STEPS {
        assert_eq!(step.verb == Verb::Deem, step.by == [Actor::Clock], "{step:?}");
        assert!(!step.by.contains(&Actor::Person(Role::Auditor)), "{step:?}");
    }
}

#[test]
fn an_agent_only_speaks_for_the_resident() {
    let verbs: BTreeSet<Verb> = STEPS.iter().filter(|s| s.by.contains(&Actor::Person(Role::Agent))).map(|s| s.verb).collect();
    assert_eq!(verbs, BTreeSet::from([Verb::Supplement, Verb::Withdraw, Verb::Deliver]));
}

#[test]
fn papers_and_needs_follow_the_law() {
    // 行政许可法 32: acceptance and refusal are written; 38: a refusal names reasons and remedies.
    for step in STEPS {
        match step.verb {
            Verb::Accept | Verb::Deem => assert_eq!(step.paper, Some(Paper::AcceptanceNotice)),
            Verb::AskCorrection => {
                assert_eq!(step.paper, Some(Paper::CorrectionNotice));
                assert!(step.needs.contains(&Need::Items));
                assert_eq!(step.needs.contains(&Need::Reason), step.from == State::Corrected, "a second notice needs a reason");
            }
            Verb::RefuseAcceptance | Verb::Refuse => {
                assert!(step.paper.is_some());
                assert_eq!(step.needs, [Need::Reason, Need::Remedies]);
            }
            Verb::StartSpecial => assert_eq!(step.paper, Some(Paper::SpecialProcedureNotice)),
            Verb::Extend => {
                assert_eq!(step.from, step.to);
                assert_eq!(step.needs, [Need::Reason, Need::NewDate]);
            }
            Verb::Void => {
                assert!(step.needs.contains(&Need::Reason));
                assert_eq!(step.paper, None, "the record stays, nothing is sent to the resident");
            }
            _ => {}
        }
    }
}

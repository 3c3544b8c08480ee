//! The closed model: which users are active when, by the stages of a profile.

use std::time::Duration;

use stspec_measure::Share;
use stspec_scenario::Stage;
use tokio::time::{Instant, sleep_until};

use crate::budget::Budget;

/// How many users there are over time.
#[derive(Debug, Clone)]
pub(crate) struct ClosedSchedule {
    origin: Instant,
    pieces: Vec<Piece>,
    /// Who stays when no piece has any length: the shape ends by a number of turns.
    always: u32,
    /// Which users of the whole are here.
    share: Share,
}

/// A straight part of the shape, in seconds from the beginning.
#[derive(Debug, Clone, Copy)]
struct Piece {
    from: f64,
    to: f64,
    begin: f64,
    end: f64,
}

impl ClosedSchedule {
    /// The stages of a closed shape from `origin` on: the first begins with all its users unless it takes time
    /// to get there, and then with none.
    pub(crate) fn new(stages: &[Stage], origin: Instant, share: Share) -> Self {
        let mut pieces = Vec::new();
        let (mut users, mut begin) = (0.0, 0.0);
        for stage in stages {
            let to = f64::from(stage.to);
            for (from, ms) in [(users, stage.over_ms), (to, stage.hold_ms)] {
                let end = begin + Duration::from_millis(ms).as_secs_f64();
                if ms > 0 {
                    pieces.push(Piece { from, to, begin, end });
                }
                begin = end;
            }
            users = to;
        }
        let always = stages.last().map_or(1, |stage| stage.to);
        Self { origin, pieces, always, share }
    }

    /// When a user is on duty from `now` on: at once, later, or nothing for never again. Users are numbered from 0.
    pub(crate) fn next(&self, user: usize, now: Instant) -> Option<Instant> {
        let user = self.share.number(u64::try_from(user).unwrap_or(u64::MAX));
        let number = f64::from(u32::try_from(user).unwrap_or(u32::MAX));
        if self.pieces.is_empty() {
            return (number < f64::from(self.always)).then_some(now);
        }
        let elapsed = now.saturating_duration_since(self.origin).as_secs_f64();
        let next = self.pieces.iter().find_map(|piece| piece.next(number, elapsed))?;
        Some(if next <= elapsed { now } else { self.origin + Duration::from_secs_f64(next) })
    }

    /// Waits until a user is on duty; false if it never will be again, or nothing is left to do.
    pub(crate) async fn started(&self, user: usize, budget: &Budget) -> bool {
        loop {
            if budget.is_over() {
                return false;
            }
            let now = Instant::now();
            match self.next(user, now) {
                Some(moment) if moment <= now => return true,
                Some(moment) => tokio::select! {
                    () = budget.over() => {}
                    () = sleep_until(moment) => {}
                },
                // The others go on; what ends the attack ends the waiting.
                None => budget.over().await,
            }
        }
    }
}

impl Piece {
    /// The first moment from `elapsed` on at which there are more than `number` users.
    fn next(&self, number: f64, elapsed: f64) -> Option<f64> {
        let first = elapsed.max(self.begin);
        if first >= self.end {
            return None;
        }
        let slope = (self.to - self.from) / (self.end - self.begin);
        let users = self.from + slope * (first - self.begin);
        if number < users {
            return Some(first);
        }
        // A nanosecond later there are more than so many, not just as many.
        let reached = self.begin + (number - self.from) / slope + 1e-9;
        (slope > 0.0 && reached < self.end).then_some(reached)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn schedule(stages: &[(u32, u64, u64)], origin: Instant) -> ClosedSchedule {
        let stage = |(to, over_ms, hold_ms): &(u32, u64, u64)| Stage {
            to: *to,
            over_ms: *over_ms,
            hold_ms: *hold_ms,
        };
        ClosedSchedule::new(&stages.iter().map(stage).collect::<Vec<_>>(), origin, Share::WHOLE)
    }

    /// Checks from when on a user is on duty, asked at a moment; both in milliseconds.
    #[track_caller]
    fn check(stages: &[(u32, u64, u64)], (user, at): (usize, u64), expected: Option<u64>) {
        let origin = Instant::now();
        let now = origin + Duration::from_millis(at);
        let next = schedule(stages, origin).next(user, now);
        let next = next.map(|next| (next - origin).as_millis());
        assert_eq!(next, expected.map(u128::from), "user {user} at {at}");
    }

    #[test]
    fn a_steady_crew_is_on_duty_until_the_end() {
        let steady = [(3, 0, 1_000)];
        check(&steady, (2, 0), Some(0));
        check(&steady, (2, 999), Some(999));
        check(&steady, (2, 1_000), None);
        check(&steady, (3, 0), None);
    }

    #[test]
    fn on_a_ramp_users_come_one_by_one_and_go_likewise() {
        let ramp = [(10, 1_000, 0), (5, 1_000, 500)];
        check(&ramp, (0, 0), Some(0));
        check(&ramp, (4, 0), Some(400));
        check(&ramp, (9, 950), Some(950));
        check(&ramp, (9, 1_100), Some(1_100));
        check(&ramp, (9, 1_300), None);
        check(&ramp, (4, 2_499), Some(2_499));
        check(&ramp, (4, 2_500), None);
    }

    #[test]
    fn a_spike_calls_users_a_second_time() {
        let spike = [(2, 0, 1_000), (8, 0, 500), (2, 0, 1_000), (8, 0, 500)];
        check(&spike, (5, 0), Some(1_000));
        check(&spike, (5, 1_600), Some(2_500));
        check(&spike, (1, 1_600), Some(1_600));
    }

    #[test]
    fn shards_have_every_user_of_the_whole_once_at_every_moment() {
        let origin = Instant::now();
        let stage = |to, over_ms, hold_ms| Stage { to, over_ms, hold_ms };
        let stages = [stage(7, 1_000, 500), stage(3, 700, 0), stage(5, 0, 400)];
        let on_duty = |share: Share, now| {
            let schedule = ClosedSchedule::new(&stages, origin, share);
            (0..9).filter(|user| schedule.next(*user, now) == Some(now)).count()
        };
        for ms in 0..2_600 {
            let now = origin + Duration::from_millis(ms);
            let shares = ["0/3", "1/3", "2/3"].map(|share| share.parse().unwrap());
            let parts: usize = shares.into_iter().map(|share| on_duty(share, now)).sum();
            assert_eq!(parts, on_duty(Share::WHOLE, now), "at {ms} ms");
        }
    }

    #[tokio::test]
    async fn a_waiting_user_ends_when_the_budget_is_spent() {
        let budget = Budget::spent();
        let schedule = schedule(&[(1, 0, 3_600_000)], Instant::now());
        let refused = async {
            tokio::task::yield_now().await;
            budget.take()
        };
        let waiting = async { futures::join!(schedule.started(1, &budget), refused) };
        let waited = tokio::time::timeout(Duration::from_mins(1), waiting).await;
        let (by_shape, taken) = waited.expect("it is woken");
        assert!(!by_shape && !taken);
    }

    #[test]
    fn without_time_the_crew_stays() {
        check(&[(4, 0, 0)], (3, 999_999), Some(999_999));
        check(&[(4, 0, 0)], (4, 0), None);
    }
}

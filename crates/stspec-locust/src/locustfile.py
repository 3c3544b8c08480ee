"""Commands workers of stspec that play the profile `PROFILE_NAME`.

Written by `stspec load PROFILE_NAME --emit-locustfile`.

    locust -f locustfile.py --master --headless -u 10 -r 10 -t 10s --expect-workers 2
    stspec load PROFILE_NAME --endpoint URL --locust-master 127.0.0.1:5557    # on each machine

The workers send and judge; this file only names the class of users, and adds up the exact latencies
that workers of stspec send beside those that Locust rounds. The port of the master asks nobody who
they are: keep it on the loopback interface or on a private network.
"""

from locust import User, constant, events, task
from locust.runners import MasterRunner

PERCENTILES = (50, 90, 95, 99, 99.9)


class PROFILE_CLASS(User):
    """A user that workers of stspec play."""

    wait_time = constant(1)

    @task
    def played_elsewhere(self):
        raise RuntimeError("only workers of stspec play this user: stspec load PROFILE_NAME --locust-master ...")


exact = {}


def longest_us(bucket):
    """The longest latency in a bucket: exact below 256, from there on 128 buckets share each doubling."""
    if bucket < 256:
        return bucket
    coarse = bucket // 128 - 1
    return ((bucket % 128 + 129) << coarse) - 1


def percentile_us(call, percent):
    """The shortest latency that so many percent of the answers don't exceed."""
    rank = -(-sum(call["buckets"].values()) * round(percent * 10) // 1000)
    seen = 0
    for bucket, count in sorted(call["buckets"].items()):
        seen += count
        if seen >= rank:
            return min(longest_us(bucket), call["max_us"])
    return 0


@events.worker_report.add_listener
def add(client_id, data, **_):
    for name, report in data.get("stspec", {}).items():
        call = exact.setdefault(name, {"requests": 0, "errors": 0, "wrong": 0, "max_us": 0, "buckets": {}})
        for count in ("requests", "errors", "wrong"):
            call[count] += report[count]
        call["max_us"] = max(call["max_us"], report["max_us"])
        for bucket, count in report["buckets"]:
            call["buckets"][bucket] = call["buckets"].get(bucket, 0) + count


@events.test_start.add_listener
@events.reset_stats.add_listener
def forget(**_):
    exact.clear()


@events.init.add_listener
def at_the_end(environment, **_):
    @events.quit.add_listener
    def show(**_):
        if not isinstance(environment.runner, MasterRunner):
            return
        print("exact latencies of PROFILE_NAME in milliseconds, from workers of stspec")
        print(f"{'call':<24}{'requests':>10}{'errors':>8}{'wrong':>8}", *(f"{f'p{each:g}':>10}" for each in PERCENTILES), f"{'max':>10}")
        for name, call in sorted(exact.items()):
            latencies = [percentile_us(call, each) for each in PERCENTILES] + [call["max_us"]]
            shown = (f"{latency / 1000:>10.3f}" for latency in latencies)
            print(f"{name:<24}{call['requests']:>10}{call['errors']:>8}{call['wrong']:>8}", *shown)

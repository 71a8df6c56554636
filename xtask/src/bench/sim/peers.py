"""A model file in Python's simulation packages: PACKAGE MODEL INTERACTIONS SEED prints each class's mean wait as JSON.

Strict priority in one pool uses what each package has for it; other centres are processes that meet in lines of their own.
"""

import json
import random
import sys
from collections import deque

package, path, interactions, seed = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
with open(path) as file:
    model = json.load(file)
classes, groups = model["classes"], model["groups"]
warmup = interactions // 10
last = interactions + warmup
random.seed(seed)
waited = [0.0] * len(classes)
left = [0] * len(classes)
gap = [3600.0 / of["arrivals"]["per_hour"] for of in classes]
service = [of["service"]["mean_secs"] for of in classes]
patience = [of["patience"]["mean_secs"] if "patience" in of else None for of in classes]
start = [of.get("head_start_secs", 0.0) for of in classes]
order = [of.get("group_order") for of in classes]
is_priority = len(groups) == 1 and any("priority" in of for of in classes)


def exponential(mean):
    return random.expovariate(1.0 / mean)


def leave(of, number, wait):
    if number >= warmup:
        waited[of] += wait
        left[of] += 1


class Centre:
    """Lines per class and idle agents per group; a package's process waits for its turn by itself."""

    def __init__(self):
        self.arrived = 0
        self.lines = [deque() for _ in classes]
        self.idle = [deque([0.0] * of["agents"]) for of in groups]
        self.tiers = []
        for of in groups:
            sets = {}
            for number, one in enumerate(classes):
                if one["name"] in of["skills"]:
                    level = of.get("levels", {}).get(one["name"], 1 << 30)
                    sets.setdefault((level, -one.get("priority", 0)), []).append(number)
            self.tiers.append([sets[key] for key in sorted(sets)])
        self.able = [
            [group for group, of in enumerate(groups) if one["name"] in of["skills"]] for one in classes
        ]

    def take_idle(self, of):
        if order[of]:
            for name in order[of]:
                group = next(number for number, one in enumerate(groups) if one["name"] == name)
                if self.idle[group]:
                    self.idle[group].popleft()
                    return group
            return None
        best = None
        for group in self.able[of]:
            idle = self.idle[group]
            if idle and (best is None or idle[0] < self.idle[best][0]):
                best = group
        if best is not None:
            self.idle[best].popleft()
        return best

    def next_for(self, group, now):
        """Who goes next: callers are [arrival, gone, ...]; who has gone is passed over."""
        for tier in self.tiers[group]:
            best, highest = None, None
            for of in tier:
                line = self.lines[of]
                while line and line[0].gone:
                    line.popleft()
                if line:
                    score = now - line[0].arrived + start[of]
                    if best is None or score > highest:
                        best, highest = of, score
            if best is not None:
                return self.lines[best].popleft()
        self.idle[group].append(now)
        return None


def simpy_priority():
    import simpy

    env = simpy.Environment()
    agents = simpy.PriorityResource(env, capacity=groups[0]["agents"])
    done = env.event()
    arrived = [0]

    def caller(of, number):
        came = env.now
        with agents.request(priority=-classes[of].get("priority", 0)) as turn:
            yield turn
            leave(of, number, env.now - came)
            yield env.timeout(exponential(service[of]))

    def source(of):
        while True:
            yield env.timeout(exponential(gap[of]))
            env.process(caller(of, arrived[0]))
            arrived[0] += 1
            if arrived[0] == last:
                done.succeed()

    for of in range(len(classes)):
        env.process(source(of))
    env.run(until=done)


def simpy_centre():
    import simpy

    env = simpy.Environment()
    centre = Centre()
    done = env.event()

    class Caller:
        __slots__ = ("arrived", "gone", "turn", "group")

    def caller(of, number):
        group = centre.take_idle(of)
        if group is None:
            me = Caller()
            me.arrived, me.gone, me.turn, me.group = env.now, False, env.event(), None
            centre.lines[of].append(me)
            if patience[of] is None:
                yield me.turn
            else:
                yield me.turn | env.timeout(exponential(patience[of]))
            leave(of, number, env.now - me.arrived)
            if me.group is None:
                me.gone = True
                return
            group = me.group
        else:
            leave(of, number, 0.0)
        yield env.timeout(exponential(service[of]))
        following = centre.next_for(group, env.now)
        if following is not None:
            following.group = group
            following.turn.succeed()

    def source(of):
        while True:
            yield env.timeout(exponential(gap[of]))
            env.process(caller(of, centre.arrived))
            centre.arrived += 1
            if centre.arrived == last:
                done.succeed()

    for of in range(len(classes)):
        env.process(source(of))
    env.run(until=done)


def salabim_priority():
    import salabim

    salabim.yieldless(False)
    env = salabim.Environment(trace=False, random_seed=seed)
    agents = salabim.Resource("agents", capacity=groups[0]["agents"], monitor=False)
    arrived = [0]

    class Caller(salabim.Component):
        def setup(self, of, number):
            self.of, self.number = of, number

        def process(self):
            came = env.now()
            yield self.request((agents, 1, -classes[self.of].get("priority", 0)))
            leave(self.of, self.number, env.now() - came)
            yield self.hold(exponential(service[self.of]))
            self.release()

    class Source(salabim.Component):
        def setup(self, of):
            self.of = of

        def process(self):
            while True:
                yield self.hold(exponential(gap[self.of]))
                Caller(of=self.of, number=arrived[0], mode=None)
                arrived[0] += 1
                if arrived[0] == last:
                    env.main().activate()

    for of in range(len(classes)):
        Source(of=of)
    env.run()


def salabim_centre():
    import salabim

    salabim.yieldless(False)
    env = salabim.Environment(trace=False, random_seed=seed)
    centre = Centre()

    class Caller(salabim.Component):
        def setup(self, of, number):
            self.of, self.number = of, number
            self.gone, self.group = False, None

        def process(self):
            self.arrived = env.now()
            self.group = centre.take_idle(self.of)
            if self.group is None:
                centre.lines[self.of].append(self)
                if patience[self.of] is None:
                    yield self.passivate()
                else:
                    yield self.hold(exponential(patience[self.of]))
            leave(self.of, self.number, env.now() - self.arrived)
            if self.group is None:
                self.gone = True
                return
            yield self.hold(exponential(service[self.of]))
            following = centre.next_for(self.group, env.now())
            if following is not None:
                following.group = self.group
                following.activate()

    class Source(salabim.Component):
        def setup(self, of):
            self.of = of

        def process(self):
            while True:
                yield self.hold(exponential(gap[self.of]))
                Caller(of=self.of, number=centre.arrived)
                centre.arrived += 1
                if centre.arrived == last:
                    env.main().activate()

    for of in range(len(classes)):
        Source(of=of)
    env.run()


def ciw_priority():
    import ciw

    ciw.seed(seed)
    ranks = sorted({of.get("priority", 0) for of in classes}, reverse=True)
    names = [of["name"] for of in classes]
    network = ciw.create_network(
        arrival_distributions={
            name: [ciw.dists.Exponential(1.0 / gap[of])] for of, name in enumerate(names)
        },
        service_distributions={
            name: [ciw.dists.Exponential(1.0 / service[of])] for of, name in enumerate(names)
        },
        priority_classes={
            name: ranks.index(classes[of].get("priority", 0)) for of, name in enumerate(names)
        },
        number_of_servers=[groups[0]["agents"]],
    )
    simulation = ciw.Simulation(network)
    simulation.simulate_until_max_customers(last, method="Finish")
    records = sorted(simulation.get_all_records(), key=lambda record: record.arrival_date)
    for number, record in enumerate(records):
        leave(names.index(record.customer_class), number, record.waiting_time)


run = globals().get(f"{package}_{'priority' if is_priority else 'centre'}")
if run is None:
    sys.exit(f"{package} has nothing for this model")
run()
print(json.dumps([wait / n for wait, n in zip(waited, left)]))

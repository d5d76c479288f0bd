//! Which nodes are computed in one loop.
//!
//! Enters: the graph. Leaves: [`Groups`], each the work of one step: one node that is a step of its own, or elementwise
//! nodes and reductions over one space, with as many results as others need. Every group has a stage, and a group reads
//! only what groups of smaller stages have written; two groups of one stage never read each other. So whatever is put
//! together here, there is an order to run it in.
//!
//! One walk upwards puts every node into the earliest stage it can have, beside an input that is made there or beside
//! others that read the same memory. A second walk, from the last stage down, delays whole groups until the first group
//! that reads them, where that makes nobody else wait. The third moves single nodes that only later groups read into the
//! first of these, where they need not be written to memory at all. Views that only add or drop axes of size 1 do not stand between groups.

use rustc_hash::{FxHashMap, FxHashSet};
use smallvec::SmallVec;

use super::Options;
use super::simplify::{Graph, Place};
use crate::ops::{Class, Leaf, Op, View};
use crate::shape::{AxisSet, Dims};

/// A group by its number.
pub type GroupId = u32;

/// Not in any group.
pub const NONE: u32 = u32::MAX;

/// The most instructions in one program, for tiles that fill the cache and for tiny ones.
pub(super) const LIMIT: usize = 64;
const LIMIT_TINY: usize = 512;

/// Spaces of so few elements that a step costs more than its work.
const TINY: usize = 16;
const SMALL: usize = 512;

/// The work of one step.
#[derive(Debug, Clone)]
pub struct Group {
    /// Behind all groups of smaller stages.
    pub stage: u32,
    /// In the order they were recorded.
    pub nodes: Vec<Place>,
    /// The sizes above 1 of the space that its elementwise nodes share.
    pub space: Dims,
    /// Which of these its reductions combine; `None` without reductions.
    pub axes: Option<AxisSet>,
    /// The group is one node that is no loop.
    pub single: bool,
    number: u32,
    /// A node needs to know its place in C order, which reductions may walk differently.
    counts: bool,
}

/// All groups; those that were merged into others have no nodes.
pub struct Groups {
    /// The groups.
    pub list: Vec<Group>,
    /// For each node: its group, if it has one.
    pub of: Vec<GroupId>,
    /// For each node: others read it from memory.
    pub stored: Vec<bool>,
    /// For each node: the node in a loop whose elements these are in the same order, if it is computed in a loop.
    source: Vec<Place>,
    /// Nodes of other groups that a group computes for itself.
    copies: FxHashSet<(GroupId, Place)>,
}

impl Groups {
    /// The node that makes an input's elements inside a group.
    pub fn inside(&self, input: Place, group: GroupId) -> Option<Place> {
        let made = self.source(input)?;
        (self.of[made as usize] == group || self.copies.contains(&(group, made))).then_some(made)
    }

    /// The node in a loop whose elements these are in the same order.
    pub fn source(&self, input: Place) -> Option<Place> {
        let made = self.source[input as usize];
        (made != NONE).then_some(made)
    }

    /// Puts a node of another group into a group as well.
    pub fn copy(&mut self, at: Place, group: GroupId) {
        if self.copies.insert((group, at)) {
            self.list[group as usize].nodes.push(at);
        }
    }

    /// True if a group reads a node from memory.
    pub fn reads(&self, graph: &Graph<'_>, group: GroupId, base: Place) -> bool {
        let reads = |input: &Place| graph.base(*input) == base && self.inside(*input, group).is_none();
        self.list[group as usize].nodes.iter().any(|&at| graph.inputs[at as usize].iter().any(reads))
    }
}

impl Group {
    /// True for loops over one space.
    pub fn same_space(&self, other: &Group) -> bool {
        self.number == other.number && !self.single && !other.single
    }
}

/// Decides.
pub fn decide(graph: &Graph<'_>, options: Options) -> Groups {
    let count = graph.nodes.len();
    let mut grouping = Grouping {
        graph,
        fuse: options.fuse,
        list: Vec::new(),
        into: Vec::new(),
        of: vec![NONE; count],
        ready: vec![0; count],
        source: vec![NONE; count],
        reader: vec![NONE; count],
        spaces: FxHashMap::default(),
        small: FxHashMap::default(),
    };
    for at in 0..count as Place {
        if graph.used[at as usize] {
            grouping.place(at);
        }
    }
    grouping.settle();
    if options.fuse {
        grouping.delay();
        grouping.settle();
        grouping.sink();
    }
    grouping.finish()
}

struct Grouping<'a> {
    graph: &'a Graph<'a>,
    fuse: bool,
    list: Vec<Group>,
    /// The group each was merged into, itself at first.
    into: Vec<GroupId>,
    of: Vec<GroupId>,
    /// The first stage that can read the node from memory.
    ready: Vec<u32>,
    /// The node in a loop whose elements these are in the same order, if it is computed in a loop.
    source: Vec<Place>,
    /// The last group that reads the node from memory.
    reader: Vec<GroupId>,
    spaces: FxHashMap<Dims, u32>,
    small: FxHashMap<(u32, u32), GroupId>,
}

/// How a node would join a group.
struct Joining {
    space: Dims,
    number: u32,
    axes: Option<AxisSet>,
    counts: bool,
}

impl Grouping<'_> {
    fn find(&mut self, mut group: GroupId) -> GroupId {
        while self.into[group as usize] != group {
            self.into[group as usize] = self.into[self.into[group as usize] as usize];
            group = self.into[group as usize];
        }
        group
    }

    /// Gives a node its group, and says when it can be read.
    fn place(&mut self, at: Place) {
        let (graph, here) = (self.graph, at as usize);
        let node = graph.node(at);
        if self.graph.known[here] || self.graph.is_constant(at) {
            return;
        }
        let inputs = &graph.inputs[here];
        if let Op::View(view) = &node.op {
            let from = inputs[0];
            self.ready[here] = self.ready[from as usize];
            let (was, is) = (&self.graph.node(from).shape, &node.shape);
            let single = was.len() == 1 && is.len() == 1;
            if single
                || (matches!(view, View::Reshape) && was.iter().filter(|d| **d != 1).eq(is.iter().filter(|d| **d != 1)))
            {
                self.source[here] = self.source[from as usize];
            }
            return;
        }
        let reduces = match &node.op {
            Op::Reduce(_, axes) => Some(*axes),
            op if op.class() == Class::Elementwise => None,
            _ => {
                let stage = inputs.iter().map(|&input| self.ready[input as usize]).max().unwrap_or(0);
                let stage = stage.max(self.not_before(here));
                self.open(at, stage, true, Joining::nothing());
                return;
            }
        };
        let shape = if reduces.is_some() { &self.graph.node(inputs[0]).shape } else { &node.shape };
        let joining =
            self.joining(shape, reduces, matches!(node.op, Op::Leaf(Leaf::Iota | Leaf::Uniform | Leaf::Normal)));
        // Inputs made in the stage that the node can have at the earliest are met inside a group of that stage.
        let mut stage = self.not_before(here);
        for &input in inputs {
            stage = stage.max(
                self.fused(input, joining.number)
                    .map_or(self.ready[input as usize], |made| self.list[self.of[made as usize] as usize].stage),
            );
        }
        let mut beside: SmallVec<[GroupId; 3]> = SmallVec::new();
        for &input in inputs {
            if let Some(made) = self.fused(input, joining.number) {
                let group = self.of[made as usize];
                if self.list[group as usize].stage == stage && !beside.contains(&group) {
                    beside.push(group);
                }
            }
        }
        if !beside.is_empty() {
            if self.join(at, &beside, &joining) {
                return;
            }
            stage += 1;
        }
        for &input in inputs {
            let reader = self.reader[self.graph.base(input) as usize];
            if reader != NONE {
                let group = self.find(reader);
                if self.list[group as usize].stage == stage
                    && self.list[group as usize].number == joining.number
                    && self.join(at, &[group], &joining)
                {
                    return;
                }
            }
        }
        let few = joining.space.iter().product::<usize>() <= SMALL;
        let small = if few { self.small.get(&(stage, joining.number)).copied() } else { None };
        if let Some(group) = small.filter(|_| self.fuse) {
            let group = self.find(group);
            if self.join(at, &[group], &joining) {
                return;
            }
        }
        let (number, group) = (joining.number, self.list.len() as GroupId);
        self.open(at, stage, false, joining);
        if few {
            self.small.insert((stage, number), group);
        }
    }

    /// The first stage a node is allowed in, whatever it reads.
    fn not_before(&self, here: usize) -> u32 {
        self.ready.get(self.graph.after[here] as usize).copied().unwrap_or(0)
    }

    /// The node in a loop over a space whose elements an input has.
    fn fused(&mut self, input: Place, number: u32) -> Option<Place> {
        let made = self.source[input as usize];
        if !self.fuse || made == NONE {
            return None;
        }
        let group = self.find(self.of[made as usize]);
        self.of[made as usize] = group;
        (self.list[group as usize].number == number).then_some(made)
    }

    fn joining(&mut self, shape: &[usize], reduced: Option<AxisSet>, counts: bool) -> Joining {
        let (mut space, mut axes) = (Dims::new(), Dims::new());
        for (axis, &size) in shape.iter().enumerate().filter(|(_, size)| **size != 1) {
            if reduced.is_some_and(|set| set.contains(axis)) {
                axes.push(space.len());
            }
            space.push(size);
        }
        let next = self.spaces.len() as u32;
        let number = *self.spaces.entry(space.clone()).or_insert(next);
        Joining { space, number, axes: reduced.map(|_| AxisSet::new(&axes)), counts }
    }

    fn limit(space: &[usize]) -> usize {
        if space.iter().product::<usize>() <= TINY { LIMIT_TINY } else { LIMIT }
    }

    /// What becomes of the axes and the counting of groups of one space that take in more nodes, if they may become one.
    fn fits(&self, more: usize, groups: &[GroupId], joining: &Joining) -> Option<(Option<AxisSet>, bool)> {
        let (mut size, mut counts, mut axes) = (more, joining.counts, joining.axes);
        for &group in groups {
            let group = &self.list[group as usize];
            size += group.nodes.len();
            counts |= group.counts;
            if axes.is_some() && group.axes.is_some() && axes != group.axes {
                return None;
            }
            axes = axes.or(group.axes);
        }
        let ordered = !counts || in_order(axes, joining.space.len());
        (ordered && size <= Grouping::limit(&joining.space)).then_some((axes, counts))
    }

    /// Moves the nodes of a group into another.
    fn absorb(&mut self, target: GroupId, group: GroupId) {
        let moved = std::mem::take(&mut self.list[group as usize].nodes);
        self.into[group as usize] = target;
        self.list[target as usize].nodes.extend(moved);
    }

    /// True if a node was added to groups of one stage and space, which became one.
    fn join(&mut self, at: Place, groups: &[GroupId], joining: &Joining) -> bool {
        let Some((axes, counts)) = self.fits(1, groups, joining).filter(|_| self.fuse) else {
            return false;
        };
        let target = groups[0];
        groups[1..].iter().for_each(|&other| self.absorb(target, other));
        let group = &mut self.list[target as usize];
        group.nodes.push(at);
        (group.axes, group.counts) = (axes, counts);
        self.enter(at, target);
        true
    }

    fn open(&mut self, at: Place, stage: u32, single: bool, joining: Joining) {
        let Joining { space, number, axes, counts } = joining;
        let group = self.list.len() as GroupId;
        self.list.push(Group { stage, nodes: vec![at], space, axes, single, number, counts });
        self.into.push(group);
        self.enter(at, group);
    }

    fn enter(&mut self, at: Place, group: GroupId) {
        self.of[at as usize] = group;
        self.ready[at as usize] = self.list[group as usize].stage + 1;
        let elementwise = self.graph.node(at).op.class() == Class::Elementwise;
        if elementwise {
            self.source[at as usize] = at;
        }
        for &input in &self.graph.inputs[at as usize] {
            let base = self.graph.base(input);
            if !self.graph.is_constant(base) && self.of[base as usize] != group {
                self.reader[base as usize] = group;
            }
        }
    }

    /// Puts a group together with the first group that reads it, if they have one space and all its other readers come later.
    fn delay(&mut self) {
        let mut readers: Vec<SmallVec<[(GroupId, bool); 4]>> = vec![SmallVec::new(); self.list.len()];
        for at in (0..self.of.len()).filter(|&at| self.of[at] != NONE) {
            for &input in &self.graph.inputs[at] {
                let from = self.of[self.graph.base(input) as usize];
                if from != NONE && from != self.of[at] {
                    let direct = self.source[input as usize] != NONE;
                    readers[from as usize].push((self.of[at], direct));
                }
            }
        }
        let mut order: Vec<GroupId> = (0..self.list.len() as GroupId).collect();
        order.sort_by_key(|&group| std::cmp::Reverse(self.list[group as usize].stage));
        for group in order {
            let Group { number, space, axes, counts, nodes, .. } = self.list[group as usize].clone();
            let reading: SmallVec<[(GroupId, bool); 4]> =
                readers[group as usize].iter().map(|&(reader, direct)| (self.find(reader), direct)).collect();
            let stage = |reader: GroupId| self.list[reader as usize].stage;
            let Some(first) = reading.iter().map(|(reader, _)| *reader).min_by_key(|&reader| stage(reader)) else {
                continue;
            };
            let later = |&(other, direct): &(GroupId, bool)| {
                if other == first { direct } else { stage(other) > stage(first) }
            };
            if number == self.list[first as usize].number && reading.iter().all(later) {
                let joining = Joining { space, number, axes, counts };
                if let Some((axes, counts)) = self.fits(nodes.len(), &[first], &joining) {
                    self.absorb(first, group);
                    let target = &mut self.list[first as usize];
                    (target.axes, target.counts) = (axes, counts);
                    readers[first as usize].extend(reading.into_iter().filter(|(other, _)| *other != first));
                }
            }
        }
    }

    /// Says of every node which group it ended in.
    fn settle(&mut self) {
        for at in 0..self.of.len() {
            if self.of[at] != NONE {
                self.of[at] = self.find(self.of[at]);
            }
        }
    }

    /// True if a reader meets an input inside their common group.
    fn inside(&self, input: Place, group: GroupId) -> bool {
        let made = self.source[input as usize];
        made != NONE && self.of[made as usize] == group
    }

    /// Moves nodes that only later groups of their space read into the first of these.
    fn sink(&mut self) {
        let count = self.of.len();
        // The last stage that a node could be made in, and the group there that would take it in.
        let mut latest: Vec<(u32, GroupId)> = vec![(NONE, NONE); count];
        let mut left = vec![false; self.list.len()];
        for at in (0..count).rev() {
            let group = self.of[at];
            if group == NONE {
                if self.graph.used[at] && self.graph.is_view(at as Place) {
                    let limit = if self.graph.lasting[at] { (0, NONE) } else { latest[at] };
                    tighten(&mut latest[self.graph.inputs[at][0] as usize], limit);
                }
                continue;
            }
            let node = self.graph.node(at as Place);
            let (stage, target) = latest[at];
            let free = !self.graph.lasting[at] && node.op.class() == Class::Elementwise;
            if free && target != NONE && stage > self.list[group as usize].stage && self.takes(target, at as Place) {
                self.of[at] = target;
                self.list[target as usize].nodes.push(at as Place);
                self.list[target as usize].counts |= matches!(node.op, Op::Leaf(_));
                left[group as usize] = true;
            }
            let group = self.of[at];
            let Group { stage, number, .. } = self.list[group as usize];
            for &input in &self.graph.inputs[at] {
                let made = self.source[input as usize];
                let same = made != NONE && self.list[self.of[made as usize] as usize].number == number;
                let limit = if same { (stage, group) } else { (stage.saturating_sub(1), NONE) };
                tighten(&mut latest[input as usize], limit);
            }
        }
        for (group, _) in left.iter().enumerate().filter(|(_, left)| **left) {
            let Grouping { list, of, .. } = self;
            list[group].nodes.retain(|&at| of[at as usize] == group as GroupId);
        }
    }

    /// True if a group has room for a node that is moved there, and that does not put more into memory than it takes out.
    fn takes(&self, group: GroupId, at: Place) -> bool {
        let Group { nodes, axes, space, .. } = &self.list[group as usize];
        let counts = matches!(self.graph.node(at).op, Op::Leaf(_));
        let fits = nodes.len() < Grouping::limit(space) && (!counts || in_order(*axes, space.len()));
        let own = self.of[at as usize];
        let new =
            |input: &&Place| self.inside(**input, own) && !self.graph.lasting[self.source[**input as usize] as usize];
        fits && self.graph.inputs[at as usize].iter().filter(new).count() <= 1
    }

    fn finish(self) -> Groups {
        let Grouping { graph, mut list, of, source, .. } = self;
        let mut stored = vec![false; of.len()];
        for at in (0..of.len()).filter(|&at| graph.used[at]) {
            if graph.lasting[at] {
                stored[graph.base(at as Place) as usize] = true;
            }
            let group = of[at];
            if group == NONE {
                continue;
            }
            for &input in &graph.inputs[at] {
                let made = source[input as usize];
                if made == NONE || of[made as usize] != group || list[group as usize].single {
                    stored[graph.base(input) as usize] = true;
                }
            }
        }
        list.iter_mut().for_each(|group| group.nodes.sort_unstable());
        Groups { list, of, stored, source, copies: FxHashSet::default() }
    }
}

/// The last stage, and the group there that would take a node in, when one more reader has its say. Groups of one stage
/// cannot read each other, so for two of them the node has to be there before.
fn tighten(limit: &mut (u32, GroupId), more: (u32, GroupId)) {
    if more.0 < limit.0 || (more.0 == limit.0 && limit.1 == NONE) {
        *limit = more;
    } else if more.0 == limit.0 && more.1 != NONE && more.1 != limit.1 {
        *limit = (limit.0.saturating_sub(1), NONE);
    }
}

impl Joining {
    fn nothing() -> Joining {
        Joining { space: Dims::new(), number: NONE, axes: None, counts: false }
    }
}

/// True when reducing these axes of a space walks it in C order.
fn in_order(axes: Option<AxisSet>, ndim: usize) -> bool {
    walk(axes, ndim).concat().is_sorted()
}

/// The axes of a space as a loop walks them: outer, reduced, inner; only outer ones without a reduction.
pub fn walk(axes: Option<AxisSet>, ndim: usize) -> [Vec<usize>; 3] {
    let reduced: Vec<usize> = axes.map_or(Vec::new(), |axes| axes.iter().collect());
    let last = reduced.last().copied().unwrap_or(ndim);
    let (outer, inner) = (0..ndim).filter(|axis| !reduced.contains(axis)).partition(|&axis| axis < last);
    [outer, reduced, inner]
}

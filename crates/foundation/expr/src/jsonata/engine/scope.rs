//! Which variables an expression reads that it doesn't set, and which functions it calls.

use std::collections::BTreeSet;

use jsonata_core::ast::{AstNode, BinaryOp, Stage};
use jsonata_core::value::with_stack;

/// What an expression needs from without. Names are without their `$`.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub(super) variables: BTreeSet<String>,
    pub(super) calls: BTreeSet<String>,
}

pub(super) fn needs(tree: &AstNode) -> Needs {
    let mut scope = Scope::default();
    scope.node(tree);
    scope.needs
}

#[derive(Default)]
struct Scope {
    /// What is set so far.
    set: Vec<String>,
    needs: Needs,
}

impl Scope {
    fn node(&mut self, node: &AstNode) {
        with_stack(|| self.one(node));
    }

    fn one(&mut self, node: &AstNode) {
        match node {
            // The empty name is `$`.
            AstNode::Variable(name) if !name.is_empty() && !self.set.contains(name) => {
                self.needs.variables.insert(name.clone());
            }
            AstNode::Lambda { params, body, .. } => self.apart(|scope| {
                scope.set.extend(params.iter().cloned());
                scope.node(body);
            }),
            AstNode::Block(parts) => self.apart(|scope| parts.iter().for_each(|part| scope.node(part))),
            AstNode::Binary { op: BinaryOp::ColonEqual, lhs, rhs } => self.setting(lhs, rhs),
            AstNode::Path { steps } => {
                for step in steps {
                    self.node(&step.node);
                    self.set.extend(step.focus.iter().chain(&step.index_var).cloned());
                    step.stages.iter().for_each(|stage| self.stage(stage));
                }
            }
            AstNode::Function { name, args, .. } => {
                self.needs.calls.insert(name.clone());
                args.iter().for_each(|arg| self.node(arg));
            }
            other => children(other).into_iter().for_each(|child| self.node(child)),
        }
    }

    /// What is set within isn't behind it.
    fn apart(&mut self, within: impl FnOnce(&mut Self)) {
        let before = self.set.len();
        within(self);
        self.set.truncate(before);
    }

    fn setting(&mut self, name: &AstNode, value: &AstNode) {
        let name = match name {
            AstNode::Variable(name) => Some(name.clone()),
            _ => None,
        };
        // A function may call itself; any other value is there before the variable is.
        if matches!(value, AstNode::Lambda { .. }) {
            self.set.extend(name);
            self.node(value);
        } else {
            self.node(value);
            self.set.extend(name);
        }
    }

    fn stage(&mut self, stage: &Stage) {
        match stage {
            Stage::Filter(node) => self.node(node),
            Stage::Index(name) => self.set.push(name.clone()),
            Stage::KeepArray => {}
        }
    }
}

/// The nodes below, except of those that set variables.
fn children(node: &AstNode) -> Vec<&AstNode> {
    match node {
        AstNode::Binary { lhs, rhs, .. } => vec![lhs, rhs],
        AstNode::Unary { operand, .. } => vec![operand],
        AstNode::Array(args) | AstNode::ArrayGroup(args) => args.iter().collect(),
        AstNode::Call { procedure, args } => std::iter::once(&**procedure).chain(args).collect(),
        AstNode::Object(pairs) => pairs.iter().flat_map(|(name, value)| [name, value]).collect(),
        AstNode::ObjectTransform { input, pattern } => {
            std::iter::once(&**input).chain(pattern.iter().flat_map(|(name, value)| [name, value])).collect()
        }
        AstNode::Conditional { condition, then_branch, else_branch } => {
            [&**condition, then_branch].into_iter().chain(else_branch.as_deref()).collect()
        }
        AstNode::FunctionApplication(inner) => vec![inner],
        AstNode::Sort { input, terms } => std::iter::once(&**input).chain(terms.iter().map(|(term, _)| term)).collect(),
        AstNode::Transform { location, update, delete } => {
            [&**location, update].into_iter().chain(delete.as_deref()).collect()
        }
        _ => Vec::new(),
    }
}

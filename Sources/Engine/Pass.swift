/// How a program is made faster without changing what it computes.

/// Rewrites programs. Each pass says in its file what it matches, why the rewrite is exact, and when
/// it pays.
package protocol Pass: Sendable {
  func rewrite(_ program: Program) -> Program
}

/// The passes that a plan applies, in their order.
package enum Passes {
  package static let standard: [any Pass] = [DeadCodeElimination()]

  /// What runs without any pass that changes the order of floating-point operations.
  package static let none: [any Pass] = []
}

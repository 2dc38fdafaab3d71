/// How a program is made faster without changing what it computes.

/// Rewrites programs. A value keeps its number and its contents; an instruction that nothing live reads
/// any more may stay, and goes with the dead code. Each pass says in its file what it matches, why the rewrite is exact, and when
/// it pays.
package protocol Pass: Sendable {
  func rewrite(_ program: Program) -> Program
}

/// The passes that a plan applies, in their order.
package enum Passes {
  /// Passes that also decide how gradients are computed, and so come before differentiation.
  package static let beforeGradients: [any Pass] = [MaximumFirst(), ConvolutionMaximum()]

  /// - Parameter runs: how often the plan is to run before a variable changes.
  package static func standard(runs: Int = 1) -> [any Pass] {
    beforeGradients
      + [
        FoldedScales(), TokenTables(runs: runs), Recurrences(), Winograd(), PackedKernels(),
        Finishes(), Chains(),
        LookupUpdates(), DeadCodeElimination(),
      ]
  }

  /// Every op as it was built.
  package static let none: [any Pass] = []
}

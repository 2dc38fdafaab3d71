/// A program made ready to run: rewritten by passes, every value given its place in memory.

/// An immutable plan; any number of sessions can run it.
public struct Plan: Sendable {
  /// Where a value's elements are.
  package enum Place: Sendable, Hashable {
    /// From this element of the session's memory on.
    case memory(Int)
    /// In the variable of the state with this index.
    case state(Int)
    /// In memory that outlasts runs, as it depends on variables alone.
    case prepared(Int)
  }

  package let program: Program
  package let threads: Int
  /// The place of each value by its number; nil for values that no instruction is left to make.
  package let places: [Place?]
  /// Updates that are not computed in place and are copied when the run is over.
  package let copies: [Program.Update]
  /// Where the working memory of ops begins.
  package let scratchOffset: Int
  /// The elements of session memory in all.
  public let memoryCount: Int
  /// The numbers of runs for which this is the plan.
  package private(set) var runs = 1...Int.max

  /// Plans `program` for a number of threads.
  ///
  /// - Parameter runs: how often it is to run before a variable changes; where that is often, work
  ///   may be done ahead that a single run would not repay.
  public init(_ program: Program, threads: Int, runs: Int = 1) {
    let passes = Passes.standard(runs: runs)
    self.init(program, threads: threads, passes: passes)
    self.runs = TokenTables(runs: runs).equivalentRuns(
      Passes.beforeGradients.reduce(program) { $1.rewrite($0) })
  }

  package init(_ program: Program, threads: Int, passes: [any Pass]) {
    let program = passes.reduce(program) { $1.rewrite($0) }
    var layout = MemoryLayout(program)
    layout.assign()
    self.program = program
    self.threads = threads
    self.places = layout.places
    self.copies = layout.copies
    self.scratchOffset = layout.memoryCount
    let scratch = program.instructions.map { instruction in
      instruction.op.scratchCount(
        instruction.inputs.map { program.types[$0] }, instruction.outputs.map { program.types[$0] },
        threads: threads)
    }
    self.memoryCount = layout.memoryCount + (scratch.max() ?? 0)
  }
}

extension Plan: CustomStringConvertible {
  public var description: String {
    "\(program)\nmemory: \(memoryCount * 4) bytes, threads: \(threads)"
  }
}

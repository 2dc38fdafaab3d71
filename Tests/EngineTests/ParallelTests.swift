import Engine
import Kernels
import Synchronization
import Tensors
import Testing

@Suite struct ParallelTests {
  @Test(arguments: [1, 2, 3, 8, 70, 1500])
  func `Every element belongs to one part, and every part is done`(threads: Int) {
    for (count, multiple) in [(0, 1), (1, 1), (7, 1), (1000, 1), (1000, 64), (5000, 3)] {
      let marks = (0..<count).map { _ in Counter() }
      parallel(count, threads: threads, multiple: multiple) { range in
        #expect(range.lowerBound % multiple == 0)
        for index in range { marks[index].add() }
      }
      #expect(marks.allSatisfy { $0.value == 1 })
    }
  }

  @Test(arguments: [1, 2, 5])
  func `By turns every element is done once, by threads that have numbers`(threads: Int) {
    for (count, multiple) in [(0, 1), (1, 1), (1000, 16)] {
      let marks = (0..<count).map { _ in Counter() }
      parallelByTurns(count, threads: threads, multiple: multiple) { range, thread in
        #expect((0..<threads).contains(thread))
        for index in range { marks[index].add() }
      }
      #expect(marks.allSatisfy { $0.value == 1 })
    }
  }

  @Test(arguments: [1, 2, 3, 16])
  func `A round begins when the one before is whole`(parts: Int) {
    for count in [0, 1, 7, 3000] {
      let done = (0..<parts).map { _ in Counter() }
      var whole = 0
      parallelRounds(count, parts: parts) { round, part in
        // Each part has done all rounds before this one and not this one.
        if done[part].value != round { done[part].add() }
        done[part].add()
      } whole: { round in
        #expect(round == whole)
        #expect(done.allSatisfy { $0.value == round + 1 })
        whole += 1
      }
      #expect(whole == count)
      #expect(done.allSatisfy { $0.value == count })
    }
  }

  @Test func `Rounds of several tasks at once, and within a job, are done whole`() async {
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<6 {
        group.addTask {
          let total = Counter()
          for _ in 0..<50 {
            parallelRounds(20, parts: 2) { _, _ in
              total.add()
            } whole: { _ in
            }
            parallel(2, threads: 2) { outer in
              for _ in outer {
                parallelRounds(3, parts: 2) { _, _ in
                  total.add()
                } whole: { _ in
                }
              }
            }
          }
          return total.value
        }
      }
      for await total in group { #expect(total == 50 * (40 + 12)) }
    }
  }

  @Test func `Numbers below the least normal one are zero while a program runs, in all threads`()
    throws
  {
    let builder = ProgramBuilder()
    let x = builder.input("x", TensorType([1 << 18]))
    builder.output("y", try x.scaled(by: 0.5))
    let session = try Session(Plan(builder.program, threads: 2), variables: Variables())
    let least = [Float](repeating: .leastNormalMagnitude, count: 1 << 18)
    try session.setInput(0, Tensor([1 << 18], least))
    try session.run()
    #expect(session.output("y").scalars.floats.allSatisfy { $0 == 0 })
    #expect(Float.leastNormalMagnitude * Float(least.count) / Float(1 << 20) > 0)
  }

  @Test func `A job within a job, and jobs of several tasks at once, are done whole`() async {
    await withTaskGroup(of: Int.self) { group in
      for _ in 0..<8 {
        group.addTask {
          let total = Counter()
          for _ in 0..<200 {
            parallel(6, threads: 3) { outer in
              for _ in outer { parallel(4, threads: 2) { for _ in $0 { total.add() } } }
            }
          }
          return total.value
        }
      }
      for await total in group { #expect(total == 200 * 6 * 4) }
    }
  }
}

private final class Counter: Sendable {
  private let count = Mutex(0)
  func add() { count.withLock { $0 += 1 } }
  var value: Int { count.withLock { $0 } }
}

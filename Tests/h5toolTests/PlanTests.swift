import Foundation
import Keratin
import Testing

struct PlanTests {
  /// What passes make of a program differs from machine to machine, so a few things are looked for.
  @Test func `the program and the plan of a prediction are shown`() async throws {
    let workshop = try Workshop()
    try workshop.saveClassifier()
    let run = try await workshop.run("plan", "model.h5", "--rows", "3")
    #expect(run.status == 0 && run.errors.isEmpty)
    let halves = run.output.components(separatedBy: "\nplan\n")
    #expect(halves.count == 2)
    let ops = [
      "input x0 : i32[3,5]", "= gather(", "= conv1d(", "= max(", "= sigmoid(", "output y0",
    ]
    for text in ops {
      #expect(halves[0].contains(text), "\(text)")
    }
    #expect(!halves[1].contains("= max("), "a maximum of a convolution is fused")
    #expect(halves[1].contains("memory: "))
  }

  @Test func `what a model leaves open is asked for`() async throws {
    let workshop = try Workshop()
    let model = Sequential([Embedding(inputDim: 40, outputDim: 16), LSTM(4), Dense(1)])
    try model.build([[nil, nil]])
    try model.save(workshop.path("model.h5"))
    let open = try await workshop.run("plan", "model.h5")
    #expect(open.status == 1 && open.errors.contains("give --length"))
    let run = try await workshop.run("plan", "model.h5", "--length", "7")
    #expect(run.status == 0 && run.output.contains("input x0 : i32[32,7]"))
  }

  @Test func `many batches to come are planned otherwise`() async throws {
    let workshop = try Workshop()
    let model = Sequential([
      Embedding(inputDim: 40, outputDim: 16), Conv1D(filters: 8, kernelSize: 3),
      GlobalMaxPooling1D(), Dense(1),
    ])
    try model.build([[nil, 9]])
    try model.save(workshop.path("model.h5"))
    let once = try await workshop.run("plan", "model.h5", "--rows", "1", "--length", "9")
    let often = try await workshop.run(
      "plan", "model.h5", "--rows", "1", "--length", "9", "--runs", "1000")
    #expect(!once.output.contains("tokenTable") && often.output.contains("tokenTable"))
  }
}

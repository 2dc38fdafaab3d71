import Testing
import Training

@Suite struct ProgressTests {
  /// Drives a bar through steps of equal length.
  private func draw(
    _ verbosity: Verbosity, steps: Int, seconds: Double, isTerminal: Bool, logs: Logs
  ) -> FakeConsole {
    let console = FakeConsole(isTerminal: isTerminal)
    var now = 100.0
    var bar = ProgressBar(target: steps, verbosity: verbosity, console: console, clock: { now })
    for step in 1...steps {
      now += seconds
      bar.update(step, logs, isFinal: false)
    }
    bar.update(steps, logs.merged(logs, prefix: "val_"), isFinal: true)
    return console
  }

  @Test func `Away from a terminal an epoch is one line`() {
    let console = draw(
      .progress, steps: 782, seconds: 0.045, isTerminal: false,
      logs: ["loss": 0.5116, "acc": 0.71194])
    #expect(
      console.text
        == "782/782 ━━━━━━━━━━━━━━━━━━━━ 35s 45ms/step - acc: 0.7119 - loss: 0.5116 "
        + "- val_acc: 0.7119 - val_loss: 0.5116\n")
  }

  @Test func `One line per epoch has no bar`() {
    let console = draw(.oneLine, steps: 3, seconds: 2, isTerminal: true, logs: ["loss": 0.00012])
    #expect(
      console.text == "3/3 - 6s - 2s/step - loss: 1.2000e-04 - val_loss: 1.2000e-04\n")
  }

  @Test func `Silent training draws nothing`() {
    #expect(draw(.silent, steps: 3, seconds: 1, isTerminal: true, logs: [:]).text.isEmpty)
  }

  @Test func `On a terminal the line is drawn over in place and never wraps`() {
    let console = draw(.progress, steps: 4, seconds: 40, isTerminal: true, logs: ["loss": 1])
    let drawings = console.text.split(separator: "\r").map { String($0).visible }
    #expect(
      drawings == [
        "1/4 ━━━━━━━━━━━━━━━━━━━━ 2:00 40s/step - loss: 1.0000",
        "2/4 ━━━━━━━━━━━━━━━━━━━━ 1:20 40s/step - loss: 1.0000",
        "3/4 ━━━━━━━━━━━━━━━━━━━━ 40s 40s/step - loss: 1.0000",
        "4/4 ━━━━━━━━━━━━━━━━━━━━ 0s 40s/step - loss: 1.0000",
        "4/4 ━━━━━━━━━━━━━━━━━━━━ 160s 40s/step - loss: 1.0000 - val_loss: 1.0000\n",
      ])
    #expect(
      console.text.hasPrefix(
        "\r\u{1B}[?7l\u{1B}[1m1/4\u{1B}[0m \u{1B}[32m━━━━━\u{1B}[0m\u{1B}[37m━━━━━━━━━━━━━━━\u{1B}[0m "
          + "\u{1B}[1m2:00\u{1B}[0m 40s/step - loss: 1.0000\u{1B}[K\u{1B}[?7h"))
  }

  @Test func `The line is drawn twenty times a second at most`() {
    let console = draw(.progress, steps: 1000, seconds: 0.001, isTerminal: true, logs: ["loss": 1])
    #expect(console.text.count { $0 == "\r" } <= 22)
  }
}

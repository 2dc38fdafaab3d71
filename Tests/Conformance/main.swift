/// Answers for Keratin: does what each line of standard input asks of a model, and says in a line what
/// came of it; `{"classes": null}` asks for the classes that Keratin has. `Python/conformance.py` asks.
import Foundation
import Keratin

while let line = readLine() {
  var answer: [String: JSON]
  do {
    let json = try JSON(parsing: line)
    answer =
      json["classes"] == nil
      ? Attempt(try Request(json)).answer
      : ["classes": .array(Catalogue.layers.map { .string($0.className) })]
  } catch {
    answer = ["problem": ["step": "ask", "text": .string("\(error)")]]
  }
  FileHandle.standardOutput.write(Data((JSON.object(answer).text + "\n").utf8))
}

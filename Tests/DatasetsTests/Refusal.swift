import Datasets
import Testing

/// Expects a `DatasetsError` whose sentence contains this text.
func expectRefusal(
  containing text: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ action: () throws -> some Any
) {
  expectRefusal(sourceLocation: sourceLocation, action) { $0.contains(text) }
}

/// Expects a `DatasetsError` of exactly this sentence.
func expectRefusal(
  is text: String, sourceLocation: SourceLocation = #_sourceLocation,
  _ action: () throws -> some Any
) {
  expectRefusal(sourceLocation: sourceLocation, action) { $0 == text }
}

private func expectRefusal(
  sourceLocation: SourceLocation, _ action: () throws -> some Any, isExpected: (String) -> Bool
) {
  do {
    let result = try action()
    Issue.record("accepted: \(result)", sourceLocation: sourceLocation)
  } catch let error as DatasetsError {
    #expect(isExpected(error.description), "\(error)", sourceLocation: sourceLocation)
  } catch {
    Issue.record("an error of another module: \(error)", sourceLocation: sourceLocation)
  }
}

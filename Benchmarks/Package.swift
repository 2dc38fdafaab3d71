// swift-tools-version: 6.2
import PackageDescription

let settings: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .strictMemorySafety(),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
]

let keratin = Target.Dependency.product(name: "Keratin", package: "Keratin")

let package = Package(
  name: "Benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "Keratin", path: "..")],
  targets: [
    .target(name: "Cases", dependencies: [keratin], swiftSettings: settings),
    .executableTarget(
      name: "contestant", dependencies: ["Cases", keratin], path: "Sources/Contestant",
      swiftSettings: settings),
    // Counting costs time, so what counts is not what is timed.
    .target(name: "CAllocations"),
    .executableTarget(
      name: "allocations", dependencies: ["CAllocations", "Cases", keratin],
      path: "Sources/Allocations", swiftSettings: settings),
  ],
  swiftLanguageModes: [.v6]
)

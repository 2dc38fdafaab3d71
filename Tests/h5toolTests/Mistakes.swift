/// Command lines that are wrong, by their command.
enum Mistakes {
  static func lines(of command: String) -> [String] {
    all.first { $0.name == command }?.lines.split(separator: "\n").map(String.init) ?? []
  }

  static let all: [(name: String, lines: String)] = [
    (
      "none",
      """
      inspekt model.h5
      --bogus
      model.h5
      """
    ),
    (
      "inspect",
      """
      inspect
      inspect model.h5 other.h5
      inspect model.h5 --bogus
      inspect ''
      inspect missing.h5
      inspect missing/model.h5
      inspect folder
      inspect saved_model
      inspect empty
      inspect text.h5
      inspect model.keras
      inspect reviews.npz
      inspect x.npy
      inspect /dev/null
      inspect "$(printf 'caf\\351.h5')"
      """
    ),
    (
      "tree",
      """
      tree
      tree missing.h5
      tree folder
      tree empty
      tree text.h5
      tree x.npy
      """
    ),
    (
      "plan",
      """
      plan
      plan model.h5 --rows 0
      plan model.h5 --length -1
      plan missing.h5
      plan weights.h5
      plan unsupported.h5
      """
    ),
    (
      "predict",
      """
      predict
      predict model.h5
      predict model.h5 --input x.npy
      predict model.h5 --output y.npy
      predict model.h5 --text 'a great film'
      predict model.h5 --text 'a great film' --word-index words.json --input x.npy
      predict model.h5 --input x.npy --output y.npy --word-index words.json
      predict model.h5 --input x.npy --output y.npy --batch-size 0
      predict model.h5 --input x.npy --output y.npy --batch-size 9223372036854775807
      predict model.h5 --input x.npy --output y.npy --batch-size many
      predict model.h5 --input x.npy --output y.npy --maxlen -1
      predict missing.h5 --input x.npy --output y.npy
      predict weights.h5 --input x.npy --output y.npy
      predict unsupported.h5 --input x.npy --output y.npy
      predict lambda.h5 --input x.npy --output y.npy
      predict misfit.h5 --input points.npy --output y.npy
      predict x.npy --input model.h5 --output y.npy
      predict model.h5 --input missing.npy --output y.npy
      predict model.h5 --input model.h5 --output y.npy
      predict model.h5 --input names.npz --output y.npy
      predict model.h5 --input text.h5 --output y.npy
      predict model.h5 --input empty --output y.npy
      predict model.h5 --input x.npy --output missing/y.npy
      predict model.h5 --input x.npy --output folder
      predict model.h5 --input x.npy --output ''
      predict model.h5 --input x.npy --output x.npy
      predict model.h5 --input x.npy --output folder/../model.h5
      predict model.h5 --input above.npy --output y.npy
      predict model.h5 --input flat.npy --output y.npy
      predict model.h5 --input none.npy --output y.npy
      predict model.h5 --input points.npy --output y.npy
      predict model.h5 --text '' --word-index words.json
      predict model.h5 --text 'great' --word-index missing.json
      predict model.h5 --text 'great' --word-index words-of-words.json
      predict model.h5 --text 'great' --word-index broken.json
      predict model.h5 --text 'great' --word-index model.h5
      predict model.h5 --text 'great' --word-index words.json --maxlen 3
      predict uncompiled.h5 --text 'great' --word-index words.json
      predict regression.h5 --text 'great' --word-index words.json
      """
    ),
    (
      "evaluate",
      """
      evaluate model.h5
      evaluate --data reviews.npz
      evaluate model.h5 --data reviews.npz --num-words 0
      evaluate model.h5 --data reviews.npz --maxlen 0
      evaluate model.h5 --data reviews.npz --batch-size -1
      evaluate missing.h5 --data reviews.npz
      evaluate reviews.npz --data model.h5
      evaluate model.h5 --data missing.npz
      evaluate model.h5 --data folder
      evaluate model.h5 --data empty
      evaluate model.h5 --data model.h5
      evaluate model.h5 --data x.npy
      evaluate model.h5 --data text.h5
      evaluate model.h5 --data names.npz
      evaluate model.h5 --data x-only.npz
      evaluate model.h5 --data few-labels.npz
      evaluate model.h5 --data wide-labels.npz
      evaluate model.h5 --data above.npz
      evaluate model.h5 --data negative.npz
      evaluate model.h5 --data points.npz
      evaluate model.h5 --data lists.npz
      evaluate model.h5 --data lists.npz --num-words 12 --maxlen 3
      evaluate classes.h5 --data classes.npz
      evaluate weights.h5 --data reviews.npz
      evaluate uncompiled.h5 --data reviews.npz
      evaluate unsupported.h5 --data reviews.npz
      evaluate ctc.h5 --data points.npz
      """
    ),
    (
      "train",
      """
      train model.h5 --data reviews.npz
      train model.h5 --data reviews.npz --output out
      train model.h5 --data reviews.npz --output out.keras
      train model.h5 --data reviews.npz --output out.weights.h5
      train model.h5 --data reviews.npz --output out.h5 --epochs 0
      train model.h5 --data reviews.npz --output out.h5 --epochs -3
      train model.h5 --data reviews.npz --output out.h5 --patience -1
      train model.h5 --data reviews.npz --output out.h5 --learning-rate 0
      train model.h5 --data reviews.npz --output out.h5 --learning-rate -0.1
      train model.h5 --data reviews.npz --output out.h5 --learning-rate nan
      train model.h5 --data reviews.npz --output out.h5 --validation-split 1
      train model.h5 --data reviews.npz --output out.h5 --validation-split -0.1
      train model.h5 --data reviews.npz --output out.h5 --seed -1
      train model.h5 --data reviews.npz --output missing/out.h5
      train model.h5 --data reviews.npz --output folder/.h5/out.h5
      train model.h5 --data reviews.npz --output out.h5 --history missing/history.json
      train model.h5 --data reviews.npz --output out.h5 --history folder
      train model.h5 --data reviews.npz --output out.h5 --reduce-lr 0
      train model.h5 --data reviews.npz --output out.h5 --optimizer muon
      train model.h5 --data reviews.npz --output out.h5 --loss ctc
      train model.h5 --data reviews.npz --output out.h5 --metric bleu
      train model.h5 --data reviews.npz --output out.h5 --class-weight 1
      train model.h5 --data reviews.npz --output out.h5 --class-weight 1=-2
      train model.h5 --data reviews.npz --output out.h5 --class-weight 1=2 --class-weight 1=3
      train model.h5 --data reviews.npz --output out.h5 --csv-log missing/log.csv
      train model.h5 --data reviews.npz --output out.h5 --history same --csv-log same
      train uncompiled.h5 --data reviews.npz --output out.h5 --optimizer adam
      train model.h5 --data reviews.npz --output out.h5 --history out.h5
      train model.h5 --data reviews.npz --output out.h5 --history model.h5
      train model.h5 --data reviews.npz --output out.h5 --history ./reviews.npz
      train missing.h5 --data reviews.npz --output out.h5
      train weights.h5 --data reviews.npz --output out.h5
      train uncompiled.h5 --data reviews.npz --output out.h5
      train uncompiled.h5 --data reviews.npz --output out.h5 --fresh
      train unsupported.h5 --data reviews.npz --output out.h5
      train muon.h5 --data points.npz --output out.h5
      train muon.h5 --data points.npz --output out.h5 --fresh
      train model.h5 --data missing.npz --output out.h5
      train model.h5 --data names.npz --output out.h5
      train model.h5 --data above.npz --output out.h5
      train regression.h5 --data one.npz --output out.h5 --validation-split 0.5
      train regression.h5 --data nan.npz --output regression.h5
      train regression.h5 --data points.npz --output out.h5 --batch-size 2 --learning-rate 1e30
      """
    ),
    (
      "convert",
      """
      convert
      convert model.h5
      convert model.h5 out.h5 --keras 1
      convert model.h5 out.h5 --keras -2
      convert model.h5 out.h5 --keras three
      convert model.h5 out
      convert model.h5 out.keras
      convert model.h5 out.weights.h5
      convert missing.h5 out.h5
      convert folder out.h5
      convert empty out.h5
      convert text.h5 out.h5
      convert model.keras out.h5
      convert x.npy out.h5
      convert model.h5 missing/out.h5
      convert lambda.h5 out.h5 --keras 2
      """
    ),
  ]
}

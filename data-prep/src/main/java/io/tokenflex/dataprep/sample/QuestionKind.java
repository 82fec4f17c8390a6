package io.tokenflex.dataprep.sample;

import io.tokenflex.dataprep.sample.Scene.PlacedShape;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** The five kinds of question a {@link Scene} is asked, each in a few phrasings. */
enum QuestionKind {
  COLOUR(
      "What colour is the %s?", "Which colour does the %s have?", "Tell me the colour of the %s.") {
    @Override
    QuestionAndAnswer about(PlacedShape shape, Scene scene, String phrasing) {
      return new QuestionAndAnswer(
          this, phrasing.formatted(shape.type().word()), shape.colour().word());
    }
  },
  SHAPE("What shape is the %s object?", "Which shape is %s?", "Name the shape that is %s.") {
    @Override
    QuestionAndAnswer about(PlacedShape shape, Scene scene, String phrasing) {
      return new QuestionAndAnswer(
          this, phrasing.formatted(shape.colour().word()), shape.type().word());
    }
  },
  COUNT("How many shapes are there?", "How many objects can you see?", "Count the shapes.") {
    @Override
    QuestionAndAnswer about(PlacedShape shape, Scene scene, String phrasing) {
      return new QuestionAndAnswer(this, phrasing, Integer.toString(scene.shapes().size()));
    }
  },
  POSITION("Where is the %s?", "In which corner is the %s?") {
    @Override
    QuestionAndAnswer about(PlacedShape shape, Scene scene, String phrasing) {
      return new QuestionAndAnswer(
          this, phrasing.formatted(shape.type().word()), shape.cell().words());
    }
  },
  PRINT(
      "What number is printed below?",
      "Read the number at the bottom.",
      "Which number stands below the shapes?") {
    @Override
    QuestionAndAnswer about(PlacedShape shape, Scene scene, String phrasing) {
      return new QuestionAndAnswer(this, phrasing, scene.print());
    }
  };

  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
  private final List<String> phrasings;

  QuestionKind(String... phrasings) {
    this.phrasings = List.of(phrasings);
  }

  record QuestionAndAnswer(QuestionKind kind, String question, String answer) {}

  abstract QuestionAndAnswer about(PlacedShape shape, Scene scene, String phrasing);

  /** Asks about a random shape of the scene in a random phrasing. */
  QuestionAndAnswer ask(Scene scene, Random random) {
    PlacedShape shape = scene.shapes().get(random.nextInt(scene.shapes().size()));
    return about(shape, scene, phrasings.get(random.nextInt(phrasings.size())));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.tokenflex.dataprep.sample;

import java.util.List;
import java.util.Locale;
import java.util.Random;

/** The five kinds of question a {@link Scene} is asked, each in a few phrasings. */
enum QuestionKind {
  COLOUR("What colour is the shape?", "Which colour does the shape have?", "Name the colour.") {
    @Override
    String answer(Scene scene) {
      return scene.shape().colour().word();
    }
  },
  SHAPE("What shape is it?", "Which shape can you see?", "Name the shape.") {
    @Override
    String answer(Scene scene) {
      return scene.shape().type().word();
    }
  },
  COUNT("How many dots are there?", "How many dots can you see?", "Count the dots.") {
    @Override
    String answer(Scene scene) {
      return Integer.toString(scene.dots().size());
    }
  },
  POSITION("Where is the shape?", "In which corner is the shape?") {
    @Override
    String answer(Scene scene) {
      return scene.shape().cell().words();
    }
  },
  PRINT("What number is printed below?", "Read the number at the bottom.") {
    @Override
    String answer(Scene scene) {
      return scene.print();
    }
  };

  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
  private final List<String> phrasings;

  QuestionKind(String... phrasings) {
    this.phrasings = List.of(phrasings);
  }

  record QuestionAndAnswer(QuestionKind kind, String question, String answer) {}

  abstract String answer(Scene scene);

  /** Asks about a scene in a random phrasing. */
  QuestionAndAnswer ask(Scene scene, Random random) {
    String phrasing = phrasings.get(random.nextInt(phrasings.size()));
    return new QuestionAndAnswer(this, phrasing, answer(scene));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT);
  }
}

package io.tokenflex.jobs.scenes;

import io.tokenflex.jobs.scenes.Scene.PrintSize;
import java.util.List;
import java.util.Locale;
import java.util.Random;

/** Types of questions about a {@link Scene}, each with several phrasings. */
public enum QuestionKind {
  COLOUR("What colour are the shapes?", "Which colour do you see?", "Name the colour.") {
    @Override
    String answer(Scene scene) {
      return scene.colour().word();
    }
  },
  INK("What colour are the numbers?", "Which colour are the numbers printed in?") {
    @Override
    String answer(Scene scene) {
      return scene.ink().word();
    }
  },
  SHAPE("What shape is it?", "Which shape can you see?", "Name the shape.") {
    @Override
    String answer(Scene scene) {
      return scene.type().word();
    }
  },
  COUNT("How many shapes are there?", "How many shapes can you see?", "Count the shapes.") {
    @Override
    String answer(Scene scene) {
      return Integer.toString(scene.shapes().size());
    }
  },
  POSITION("Where is the dot?", "In which corner is the dot?") {
    @Override
    String answer(Scene scene) {
      return scene.dot().cell().words();
    }
  },
  SMALL_PRINT("What is the small number?", "Read the small number.") {
    @Override
    String answer(Scene scene) {
      return scene.number(PrintSize.SMALL).digits();
    }
  },
  LARGE_PRINT("What is the large number?", "Read the large number.") {
    @Override
    String answer(Scene scene) {
      return scene.number(PrintSize.LARGE).digits();
    }
  };

  @SuppressWarnings("ImmutableEnumChecker") // List.of is immutable
  private final List<String> phrasings;

  QuestionKind(String... phrasings) {
    this.phrasings = List.of(phrasings);
  }

  record QuestionAndAnswer(QuestionKind kind, String question, String answer) {}

  abstract String answer(Scene scene);

  /** Asks a question of this type in a random phrasing. */
  QuestionAndAnswer ask(Scene scene, Random random) {
    String phrasing = phrasings.get(random.nextInt(phrasings.size()));
    return new QuestionAndAnswer(this, phrasing, answer(scene));
  }

  String word() {
    return name().toLowerCase(Locale.ROOT).replace('_', ' ');
  }
}

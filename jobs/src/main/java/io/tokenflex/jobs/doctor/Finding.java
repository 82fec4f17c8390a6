package io.tokenflex.jobs.doctor;

/**
 * Something that does not fit together, or that is good to know.
 *
 * @param isProblem whether the run cannot go well with it
 */
record Finding(boolean isProblem, String text) {
  static Finding problem(String text) {
    return new Finding(true, text);
  }

  static Finding note(String text) {
    return new Finding(false, text);
  }
}

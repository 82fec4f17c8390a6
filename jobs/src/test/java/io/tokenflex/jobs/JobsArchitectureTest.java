package io.tokenflex.jobs;

import static com.tngtech.archunit.base.DescribedPredicate.describe;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import io.tokenflex.failure.InvalidInputException;
import org.junit.jupiter.api.Test;

class JobsArchitectureTest {
  private static final JavaClasses JOBS =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.tokenflex.jobs");

  private static final JavaClasses ALL_MODULES =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.tokenflex");

  /** What javac writes for lambdas that are serialized. */
  private static final String COMPILERS = "$deserializeLambda$";

  /**
   * In core, data-prep and jobs: libraries throw the plain type for other reasons too, so it cannot
   * tell that the input is wrong.
   */
  @Test
  void wrongInputHasATypeOfItsOwn() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(InvalidInputException.class)
        .should()
        .callConstructorWhere(
            describe(
                "makes a plain IllegalArgumentException",
                call ->
                    call.getTargetOwner().isEquivalentTo(IllegalArgumentException.class)
                        && !call.getOrigin().getName().equals(COMPILERS)))
        .because("io.tokenflex.failure.InvalidInputException says that it was refused on purpose")
        .check(ALL_MODULES);
  }

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.tokenflex.jobs.(**)").should().beFreeOfCycles().check(JOBS);
  }

  /** The protocol between ranks and driver is tried without a cluster. */
  @Test
  void eventsKnowNoSparkOrHadoop() {
    noClasses()
        .that()
        .resideInAPackage("io.tokenflex.jobs.events")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..")
        .check(JOBS);
  }

  @Test
  void nothingPointsBackToTheMainClass() {
    noClasses()
        .that()
        .doNotBelongToAnyOf(TokenFlexCli.class)
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(TokenFlexCli.class)
        .check(JOBS);
  }

  @Test
  void onlyTheMainClassUsesTheCommands() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.tokenflex.jobs.cli")
        .and()
        .doNotBelongToAnyOf(TokenFlexCli.class)
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.tokenflex.jobs.cli")
        .check(JOBS);
  }
}

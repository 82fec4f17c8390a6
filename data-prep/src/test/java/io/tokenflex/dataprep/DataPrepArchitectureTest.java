package io.tokenflex.dataprep;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class DataPrepArchitectureTest {
  private static final JavaClasses DATA_PREP =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.tokenflex.dataprep");

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.tokenflex.dataprep.(*)..").should().beFreeOfCycles().check(DATA_PREP);
  }

  @Test
  void preparingDataSeesNoTraining() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.tokenflex.kernels",
            "io.tokenflex.model",
            "io.tokenflex.optimizer",
            "io.tokenflex.distributed",
            "io.tokenflex.checkpoint",
            "io.tokenflex.train",
            "io.tokenflex.generate")
        .check(DATA_PREP);
  }
}

package io.tokenflex;

import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideInAnyPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackage;
import static com.tngtech.archunit.core.domain.JavaClass.Predicates.resideOutsideOfPackages;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import ai.djl.pytorch.jni.KernelBridge;
import ai.djl.pytorch.jni.TensorAddress;
import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import org.junit.jupiter.api.Test;

class ArchitectureTest {
  /** Packages that know nothing of samples, models and training. */
  private static final String[] GROUND = {
    "io.tokenflex.failure",
    "io.tokenflex.digest",
    "io.tokenflex.random",
    "io.tokenflex.json",
    "io.tokenflex.storage",
    "io.tokenflex.python",
    "io.tokenflex.jinja",
    "io.tokenflex.cuda",
    "io.tokenflex.kernels",
    "io.tokenflex.safetensors",
    "ai.djl.pytorch.jni"
  };

  private static final JavaClasses CORE =
      new ClassFileImporter()
          .withImportOption(new ImportOption.DoNotIncludeTests())
          .importPackages("io.tokenflex", KernelBridge.class.getPackageName());

  @Test
  void packagesHaveNoCycles() {
    slices().matching("io.tokenflex.(*)..").should().beFreeOfCycles().check(CORE);
  }

  /** What they are used for is above them; among themselves they are few. */
  @Test
  void theGroundKnowsNothingAboveIt() {
    classes()
        .that()
        .resideInAnyPackage(GROUND)
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackage("io.tokenflex..").or(resideInAnyPackage(GROUND)))
        .check(CORE);
  }

  /** Scores are made of texts: what wrote them is not their business. */
  @Test
  void scoringKnowsNoModels() {
    String[] scoring = {
      "io.tokenflex.table..",
      "io.tokenflex.score..",
      "io.tokenflex.judge..",
      "io.tokenflex.statistics..",
      "io.tokenflex.benchmark.."
    };
    classes()
        .that()
        .resideInAnyPackage(scoring)
        .should()
        .onlyDependOnClassesThat(
            resideOutsideOfPackages("io.tokenflex..", "ai.djl..")
                .or(resideInAnyPackage(scoring))
                .or(
                    resideInAnyPackage(
                        "io.tokenflex.failure",
                        "io.tokenflex.digest",
                        "io.tokenflex.random",
                        "io.tokenflex.json",
                        "io.tokenflex.python",
                        "io.tokenflex.storage",
                        "io.tokenflex.config")))
        .check(CORE);
  }

  /** Import and export are a branch of their own, which training and generation do without. */
  @Test
  void nothingStandsOnConversion() {
    noClasses()
        .that()
        .resideOutsideOfPackage("io.tokenflex.convert")
        .should()
        .dependOnClassesThat()
        .resideInAPackage("io.tokenflex.convert")
        .check(CORE);
  }

  @Test
  void generationDoesNotSeeTraining() {
    noClasses()
        .that()
        .resideInAPackage("io.tokenflex.generate")
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage(
            "io.tokenflex.train", "io.tokenflex.checkpoint", "io.tokenflex.optimizer")
        .check(CORE);
  }

  @Test
  void coreKnowsNoSparkHadoopOrParquet() {
    noClasses()
        .should()
        .dependOnClassesThat()
        .resideInAnyPackage("org.apache.spark..", "org.apache.hadoop..", "org.apache.parquet..")
        .check(CORE);
  }

  @Test
  void onlyKernelsUseTheBridgeIntoDjl() {
    noClasses()
        .that()
        .resideOutsideOfPackages("io.tokenflex.kernels", KernelBridge.class.getPackageName())
        .should()
        .dependOnClassesThat()
        .belongToAnyOf(KernelBridge.class, TensorAddress.class)
        .check(CORE);
  }
}
